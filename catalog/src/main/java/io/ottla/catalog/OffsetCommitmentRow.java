package io.ottla.catalog;

import java.util.UUID;

/**
 * A row of {@code offset_commitments}: the newest commit of one group in one partition. Immutable.
 *
 * @param offset the next one to read
 * @param metadata what the committer said with it; may be empty
 * @param createdAtMs when it was committed
 */
public record OffsetCommitmentRow(
    String groupName,
    UUID topicId,
    int partitionNumber,
    long offset,
    String metadata,
    long createdAtMs) {}
