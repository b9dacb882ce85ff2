/**
 * HTTP to use cases and back. {@link io.ottla.http.HttpServer} listens, {@link
 * io.ottla.http.Dispatcher} takes every request through a table of routes to one small class per
 * request; those are in the packages below this one. Used by {@code server} only. Runs on Helidon's
 * virtual threads, one per connection, which is one per request.
 *
 * <p>Bodies are JSON: {@code Content-Type} may say so, be absent, or be what {@code curl -d} says
 * by itself.
 */
package io.ottla.http;
