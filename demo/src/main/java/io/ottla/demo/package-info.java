/**
 * A tour of a running server: publishes real data, reads it back, crashes a broker on the way, and
 * checks everything that it shows. It is a client like any other and shares no code with the
 * server.
 */
package io.ottla.demo;
