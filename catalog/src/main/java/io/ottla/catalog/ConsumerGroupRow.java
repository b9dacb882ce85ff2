package io.ottla.catalog;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * A row of {@code consumer_groups}: one partition as one group consumes it. Immutable.
 *
 * @param memberId the partition's owner; empty while it has none
 * @param offset the next offset that the group will be given after what it committed; empty before
 *     its first commit
 * @param createdAtMs when the group began with this partition
 */
public record ConsumerGroupRow(
    String groupName,
    Optional<String> memberId,
    UUID topicId,
    int partitionNumber,
    OptionalLong offset,
    long createdAtMs) {}
