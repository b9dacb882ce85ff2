/** Requests about producers. Called on the request's virtual thread. */
package io.ottla.http.producer;
