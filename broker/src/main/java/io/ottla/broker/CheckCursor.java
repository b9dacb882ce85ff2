package io.ottla.broker;

import java.util.Optional;

/**
 * Where a comparison of replicas goes on. Immutable.
 *
 * <pre>{@code
 * liked/0/1000        topic, partition, base offset of the next segment
 * }</pre>
 */
public record CheckCursor(String topic, int partition, long baseOffset) {
  /** The cursor in this text; empty if there is none. */
  public static Optional<CheckCursor> parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      int partition = Integer.parseInt(parts[1]);
      long baseOffset = Long.parseLong(parts[2]);
      return partition < 0 || baseOffset < 0
          ? Optional.empty()
          : Optional.of(new CheckCursor(parts[0], partition, baseOffset));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return topic + "/" + partition + "/" + baseOffset;
  }

  /** Whether a partition lies in front of it. */
  boolean isBehind(String otherTopic, int otherPartition) {
    int order = otherTopic.compareTo(topic);
    return order < 0 || (order == 0 && otherPartition < partition);
  }
}
