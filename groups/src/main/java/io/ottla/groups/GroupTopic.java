package io.ottla.groups;

import java.util.UUID;

/**
 * A topic as a group knows it. Immutable.
 *
 * @param partitions how many it had when the group last looked
 * @param firstPartitions how many it had when the group first met it: a younger partition is read
 *     from its first event, wherever the group started
 */
public record GroupTopic(UUID id, String name, int partitions, int firstPartitions) {}
