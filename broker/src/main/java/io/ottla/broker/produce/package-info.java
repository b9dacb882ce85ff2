/**
 * An event's way in: the partition is chosen, concurrent requests are gathered into full rounds,
 * and each caller learns what became of its events. Called by {@code http} on its virtual threads;
 * each accumulator has one thread of its own.
 */
package io.ottla.broker.produce;
