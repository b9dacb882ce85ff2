package io.ottla.client;

import java.util.Objects;

/**
 * A partition of a topic. Immutable.
 *
 * @param topic the topic's name
 * @param partition its number, from 0
 */
public record TopicPartition(String topic, int partition) {
  /** Checks that there is a topic. */
  public TopicPartition {
    Objects.requireNonNull(topic, "topic");
  }

  @Override
  public String toString() {
    return topic + "-" + partition;
  }
}
