/**
 * HTTP to use cases and back: a table of routes, one small class per request, and the JSON of
 * events. Runs on Helidon's virtual threads, one per connection.
 */
package io.ottla.http;
