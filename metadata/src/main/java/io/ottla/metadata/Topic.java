package io.ottla.metadata;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * One topic. Immutable.
 *
 * @param id its own for ever; a topic made again under the same name has another
 * @param groupOfPartition element p is the number of the data group that holds partition p
 */
public record Topic(
    UUID id, String name, List<Integer> groupOfPartition, TopicConfig config, long createdAtMs) {
  /** The most partitions a topic may have. */
  public static final int MAX_PARTITIONS = 1000;

  public Topic {
    Objects.requireNonNull(id, "id");
    config.check();
    groupOfPartition = List.copyOf(groupOfPartition);
    Range.check("partitions", groupOfPartition.size(), 1, MAX_PARTITIONS);
    if (!Names.isTopicName(name)) {
      throw new IllegalArgumentException("not a topic name: " + name);
    }
  }

  /** How many partitions it has. */
  public int partitions() {
    return groupOfPartition.size();
  }

  /** Whether it is the system's own. */
  public boolean internal() {
    return Names.isInternal(name);
  }
}
