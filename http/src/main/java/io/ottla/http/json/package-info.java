/**
 * JSON in and out, as bytes: fields of requests, events of produce bodies, records of read answers.
 * Knows nothing of HTTP. Called on the request's virtual thread; its readers and writers are used
 * by one thread at a time.
 */
package io.ottla.http.json;
