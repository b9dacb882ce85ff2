package io.ottla.log;

/**
 * One segment at one moment. Immutable.
 *
 * @param sizeBytes of its {@code .log} file
 * @param firstAppendTimeMs when its first batch was appended; meaningless while it is empty
 * @param lastAppendTimeMs the latest time at which one was; meaningless while it is empty
 * @param maxTimestampMs the largest time of its records, -1 while it is empty
 */
public record SegmentSummary(
    long baseOffset,
    long sizeBytes,
    long lastAppendTimeMs,
    long maxTimestampMs,
    long firstAppendTimeMs) {}
