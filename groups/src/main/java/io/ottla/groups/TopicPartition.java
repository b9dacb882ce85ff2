package io.ottla.groups;

import java.util.Comparator;
import java.util.UUID;

/**
 * One partition of one topic. The topic is named by its id, so that a topic made again under an old
 * name is another one. Immutable.
 */
public record TopicPartition(UUID topicId, int partition) implements Comparable<TopicPartition> {
  private static final Comparator<TopicPartition> ORDER =
      Comparator.comparing(TopicPartition::topicId).thenComparingInt(TopicPartition::partition);

  @Override
  public int compareTo(TopicPartition other) {
    return ORDER.compare(this, other);
  }
}
