/** The requests of {@code /consumer}. Used by the table of routes. */
package io.ottla.http.consumer;
