package io.ottla.groups;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What a group's own record says. Immutable.
 *
 * @param protocol whose rules the group follows
 * @param generation counts the group's assignments, from 1; never goes back
 * @param createdAtMs milliseconds since the epoch; tells a group from one made again under its name
 * @param topics what its members subscribed to and it knows
 * @param metadata opaque, for other protocols; empty for ours
 * @param other fields of a newer version, name to JSON text, kept as they are
 */
public record GroupHeader(
    String protocol,
    int generation,
    long createdAtMs,
    SortedMap<UUID, GroupTopic> topics,
    String metadata,
    Map<String, String> other) {
  /** Ottla's own protocol: members poll, the server assigns. */
  public static final String OTTLA = "ottla";

  public GroupHeader {
    topics = Frozen.copyOf(topics);
    other = Frozen.copyOf(other);
  }

  static GroupHeader created(long nowMs) {
    return new GroupHeader(OTTLA, 0, nowMs, new TreeMap<>(), "", Map.of());
  }

  GroupHeader withGeneration(int next) {
    return new GroupHeader(protocol, next, createdAtMs, topics, metadata, other);
  }

  GroupHeader withTopics(SortedMap<UUID, GroupTopic> known) {
    return new GroupHeader(protocol, generation, createdAtMs, known, metadata, other);
  }
}
