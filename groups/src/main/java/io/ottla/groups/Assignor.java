package io.ottla.groups;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Says who should own which partition: sticky (an owner keeps what it has where balance allows) and
 * balanced (among the subscribers of a topic, no two loads differ by two or more while a partition
 * of that topic could even them out). One computation per instance; deterministic.
 *
 * <p>Each move takes a partition from a more to a less loaded subscriber, which lowers the sum of
 * squared loads: it ends, and moves no partition that balance does not need moved.
 */
final class Assignor {
  private final SortedMap<TopicPartition, String> owners = new TreeMap<>();
  private final Map<String, Integer> loads = new HashMap<>();
  private final Map<UUID, SortedSet<String>> subscribers;

  /** Per topic and owner the partitions that could move, those already on the move first. */
  private final Map<UUID, Map<String, TreeSet<TopicPartition>>> movable = new HashMap<>();

  private final Comparator<TopicPartition> moveOrder;

  private Assignor(Map<UUID, SortedSet<String>> subscribers, Map<TopicPartition, Holder> holders) {
    this.subscribers = subscribers;
    this.moveOrder =
        Comparator.<TopicPartition, Boolean>comparing(
                p -> !holders.containsKey(p) || !holders.get(p).revoking())
            .thenComparing(Comparator.reverseOrder());
  }

  /** Who holds a partition now, and whether it is on its way to somebody else. */
  record Holder(String memberId, boolean revoking) {}

  /**
   * The owner that each partition should have; a partition without subscribers has none.
   *
   * @param partitions how many each topic has
   * @param subscribers per topic the members that may own its partitions
   * @param holders the present owners among the members that may own
   */
  static SortedMap<TopicPartition, String> assign(
      SortedMap<UUID, Integer> partitions,
      Map<UUID, SortedSet<String>> subscribers,
      Map<TopicPartition, Holder> holders) {
    Assignor assignor = new Assignor(subscribers, holders);
    subscribers.values().forEach(ids -> ids.forEach(id -> assignor.loads.put(id, 0)));
    TreeSet<TopicPartition> free = new TreeSet<>();
    partitions.forEach(
        (topic, count) -> {
          for (int i = 0; i < count; i++) {
            TopicPartition partition = new TopicPartition(topic, i);
            Holder holder = holders.get(partition);
            if (holder == null || !assignor.mayOwn(holder.memberId(), topic)) {
              free.add(partition);
            } else {
              assignor.give(partition, holder.memberId());
            }
          }
        });
    free.forEach(assignor::giveToLeastLoaded);
    assignor.balance();
    return assignor.owners;
  }

  private boolean mayOwn(String memberId, UUID topic) {
    return subscribers.containsKey(topic) && subscribers.get(topic).contains(memberId);
  }

  private void giveToLeastLoaded(TopicPartition partition) {
    leastLoaded(partition.topicId()).ifPresent(memberId -> give(partition, memberId));
  }

  private Optional<String> leastLoaded(UUID topic) {
    SortedSet<String> candidates = subscribers.getOrDefault(topic, Collections.emptySortedSet());
    return candidates.stream().min(Comparator.comparing(loads::get));
  }

  private void balance() {
    boolean moved = true;
    while (moved) {
      moved = false;
      for (UUID topic : new TreeSet<>(movable.keySet())) {
        while (moveOne(topic)) {
          moved = true;
        }
      }
    }
  }

  /** Moves one of the topic's partitions from its most to its least loaded subscriber. */
  private boolean moveOne(UUID topic) {
    Map<String, TreeSet<TopicPartition>> byOwner = movable.get(topic);
    String most =
        byOwner.entrySet().stream()
            .filter(entry -> !entry.getValue().isEmpty())
            .map(Map.Entry::getKey)
            .max(Comparator.<String, Integer>comparing(loads::get).thenComparing(id -> id))
            .orElse(null);
    String least = leastLoaded(topic).orElse(null);
    if (most == null || least == null || loads.get(most) - loads.get(least) < 2) {
      return false;
    }
    TopicPartition partition = byOwner.get(most).removeFirst();
    loads.merge(most, -1, Integer::sum);
    give(partition, least);
    return true;
  }

  private void give(TopicPartition partition, String memberId) {
    owners.put(partition, memberId);
    loads.merge(memberId, 1, Integer::sum);
    movable
        .computeIfAbsent(partition.topicId(), _ -> new HashMap<>())
        .computeIfAbsent(memberId, _ -> new TreeSet<>(moveOrder))
        .add(partition);
  }
}
