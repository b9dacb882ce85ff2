package io.ottla.groups;

import java.util.UUID;

/**
 * One partition of one topic. The topic is named by its id, so that a topic made again under an old
 * name is another one. Immutable.
 */
public record TopicPartition(UUID topicId, int partition) implements Comparable<TopicPartition> {
  @Override
  public int compareTo(TopicPartition other) {
    int order = topicId.compareTo(other.topicId);
    return order != 0 ? order : Integer.compare(partition, other.partition);
  }
}
