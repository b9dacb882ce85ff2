/**
 * {@code ./ottla produce}: lines become events. The main thread reads and sends; the producer's own
 * threads tell of what was committed.
 */
package io.ottla.cli.produce;
