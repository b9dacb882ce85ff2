/**
 * Records on their way out of partitions: decoded once, shared by those who read the same batches,
 * collected into answers of bounded size. Used by {@code consume}; runs on the readers' threads.
 */
package io.ottla.broker.read;
