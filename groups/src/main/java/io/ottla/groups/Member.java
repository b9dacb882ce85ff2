package io.ottla.groups;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One member of a group, as its record says. Immutable.
 *
 * @param id for Ottla's own consumers the consumer id in decimal
 * @param protocol whose rules it follows: {@link GroupHeader#OTTLA}, later Kafka's
 * @param active its session runs; one that is not keeps what it owned until somebody else takes it
 * @param sinceMs when {@code active} took its value, milliseconds since the epoch
 * @param owned the partitions it owns
 * @param metadata opaque, for other protocols; empty for ours
 * @param other fields of a newer version, name to JSON text, kept as they are
 */
public record Member(
    String id,
    String protocol,
    Subscription subscription,
    boolean active,
    long sinceMs,
    SortedMap<TopicPartition, Ownership> owned,
    String metadata,
    Map<String, String> other) {
  public Member {
    owned = Frozen.copyOf(owned);
    other = Frozen.copyOf(other);
  }

  /** A member of our own protocol that owns nothing yet. */
  public static Member joining(String id, Subscription subscription, long nowMs) {
    return new Member(
        id, GroupHeader.OTTLA, subscription, true, nowMs, new TreeMap<>(), "", Map.of());
  }

  /** Whether it owns the partition, under exactly that epoch. */
  public boolean owns(TopicPartition partition, int epoch) {
    Ownership ownership = owned.get(partition);
    return ownership != null && ownership.epoch() == epoch;
  }

  Member withSubscription(Subscription wanted) {
    return new Member(id, protocol, wanted, active, sinceMs, owned, metadata, other);
  }

  Member withActive(boolean isActive, long nowMs) {
    return new Member(id, protocol, subscription, isActive, nowMs, owned, metadata, other);
  }

  Member withOwned(SortedMap<TopicPartition, Ownership> nowOwned) {
    return new Member(id, protocol, subscription, active, sinceMs, nowOwned, metadata, other);
  }
}
