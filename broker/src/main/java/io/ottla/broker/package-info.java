/**
 * The use cases of Ottla, one class each, and what they stand on: clusters, brokers, partition
 * stores, accumulators and readers. Called by {@code http}, from one virtual thread per request.
 */
package io.ottla.broker;
