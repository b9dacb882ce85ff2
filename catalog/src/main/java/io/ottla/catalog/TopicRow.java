package io.ottla.catalog;

import java.util.UUID;

/**
 * A row of {@code topics}. Immutable.
 *
 * @param retentionHours -1 = for ever; the column is called {@code retention_policies}, as in the
 *     request
 * @param retentionBytes -1 = all
 */
public record TopicRow(
    UUID id,
    UUID clusterId,
    String name,
    boolean internal,
    int partitions,
    double retentionHours,
    long retentionBytes,
    long segmentBytes,
    String compression,
    String cleanupPolicy,
    int maxRecordBytes,
    long createdAtMs) {}
