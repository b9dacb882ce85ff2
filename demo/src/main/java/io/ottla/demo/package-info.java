/**
 * A tour of a running server: publishes the examples, reads them back, crashes a broker, and checks
 * everything that it prints.
 */
package io.ottla.demo;
