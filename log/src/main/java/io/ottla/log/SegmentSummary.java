package io.ottla.log;

/**
 * One segment at one moment. Immutable.
 *
 * @param compactions how often it was compacted: part of its files' names
 * @param sizeBytes of its {@code .log} file
 * @param lastAppendTimeMs the latest time at which a batch was appended; meaningless while it is
 *     empty. Of a compacted one: the latest of those that it replaces
 * @param maxTimestampMs the largest time of its records, -1 while it has none
 * @param firstAppendTimeMs when its first batch was appended; meaningless while it is empty. Of a
 *     compacted one: of the first of those that it replaces
 */
public record SegmentSummary(
    long baseOffset,
    int compactions,
    long sizeBytes,
    long lastAppendTimeMs,
    long maxTimestampMs,
    long firstAppendTimeMs) {}
