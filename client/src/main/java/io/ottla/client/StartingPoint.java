package io.ottla.client;

import io.ottla.client.ConsumerCalls.Progress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a consumer's partitions stood before a poll that names no cursor. If the answer of such a
 * poll is lost, the server's position has moved past records that nobody saw: it must be set back
 * before the next attempt. One owner at a time.
 */
final class StartingPoint {
  private final Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
  private boolean complete = true;
  private boolean used;

  private StartingPoint() {}

  static StartingPoint of(Map<TopicPartition, Progress> progress) {
    StartingPoint start = new StartingPoint();
    progress.forEach(
        (partition, at) -> {
          Long offset = at.position() != null ? at.position() : at.committed();
          if (offset == null) {
            start.complete = false;
          } else {
            start.offsets.put(partition, offset);
          }
        });
    return start;
  }

  StartingPoint with(Map<TopicPartition, Long> others) {
    offsets.putAll(others);
    return this;
  }

  /** A poll went out from here. */
  void use() {
    used = true;
  }

  boolean isUsed() {
    return used;
  }

  /**
   * Sets the consumer back to here, as far as the partitions are still its own; those of which
   * nothing was known start as a new group does.
   */
  void restore(ConsumerCalls calls, long consumerId, String autoOffsetReset) {
    Map<TopicPartition, Long> own = new LinkedHashMap<>(offsets);
    own.keySet().retainAll(calls.progress(consumerId).keySet());
    if (!complete) {
      calls.seek(consumerId, autoOffsetReset);
    }
    if (!own.isEmpty()) {
      calls.seek(consumerId, own);
    }
  }
}
