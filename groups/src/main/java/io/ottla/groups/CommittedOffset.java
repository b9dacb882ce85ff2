package io.ottla.groups;

import java.util.Map;

/**
 * A group's commit in one partition. Immutable.
 *
 * @param topic the topic's name
 * @param offset the next offset to read
 * @param leaderEpoch the leader epoch of the last record read, -1 if not known
 * @param metadata the caller's own words, empty if none
 * @param committedAtMs milliseconds since the epoch
 * @param other fields of a newer version, name to JSON text, kept as they are
 */
public record CommittedOffset(
    String topic,
    long offset,
    int leaderEpoch,
    String metadata,
    long committedAtMs,
    Map<String, String> other) {
  public CommittedOffset {
    other = Frozen.copyOf(other);
  }

  static CommittedOffset of(String topic, long offset, String metadata, long nowMs) {
    return new CommittedOffset(topic, offset, -1, metadata, nowMs, Map.of());
  }
}
