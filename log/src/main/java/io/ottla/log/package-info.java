/**
 * One partition's bytes on disk: record batches, segments, indexes, retention and recovery. Knows
 * nothing of replication, topics or HTTP. Called by {@code broker}: one writer per partition (the
 * group's apply thread), any number of readers.
 */
package io.ottla.log;
