package io.ottla.groups;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
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
  private final Map<String, List<UUID>> topics = new HashMap<>();

  /** Per topic its subscribers, the least loaded first; reordered whenever a load changes. */
  private final Map<UUID, TreeSet<String>> byLoad = new HashMap<>();

  /** Per topic and owner the partitions that could move, those already on the move first. */
  private final Map<UUID, Map<String, TreeSet<TopicPartition>>> movable = new HashMap<>();

  private final Comparator<TopicPartition> moveOrder;

  private Assignor(Map<UUID, SortedSet<String>> subscribers, Map<TopicPartition, Holder> holders) {
    Comparator<String> loadOrder =
        Comparator.<String, Integer>comparing(loads::get).thenComparing(Comparator.naturalOrder());
    subscribers.forEach(
        (topic, ids) -> {
          ids.forEach(id -> loads.put(id, 0));
          ids.forEach(id -> topics.computeIfAbsent(id, _ -> new ArrayList<>()).add(topic));
          TreeSet<String> ordered = new TreeSet<>(loadOrder);
          ordered.addAll(ids);
          byLoad.put(topic, ordered);
        });
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
    TreeSet<TopicPartition> free = new TreeSet<>();
    partitions.forEach(
        (topic, count) -> {
          for (int i = 0; i < count; i++) {
            TopicPartition partition = new TopicPartition(topic, i);
            Holder holder = holders.get(partition);
            if (holder == null || !assignor.topicsOf(holder.memberId()).contains(topic)) {
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

  private List<UUID> topicsOf(String memberId) {
    return topics.getOrDefault(memberId, List.of());
  }

  private void giveToLeastLoaded(TopicPartition partition) {
    leastLoaded(partition.topicId()).ifPresent(memberId -> give(partition, memberId));
  }

  private Optional<String> leastLoaded(UUID topic) {
    TreeSet<String> candidates = byLoad.get(topic);
    return candidates == null ? Optional.empty() : Optional.of(candidates.first());
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
    String most = null;
    for (String candidate : byLoad.get(topic).descendingSet()) {
      if (!byOwner.getOrDefault(candidate, new TreeSet<>()).isEmpty()) {
        most = candidate;
        break;
      }
    }
    String least = leastLoaded(topic).orElse(null);
    if (most == null || least == null || loads.get(most) - loads.get(least) < 2) {
      return false;
    }
    TopicPartition partition = byOwner.get(most).removeFirst();
    load(most, -1);
    give(partition, least);
    return true;
  }

  private void give(TopicPartition partition, String memberId) {
    owners.put(partition, memberId);
    load(memberId, 1);
    movable
        .computeIfAbsent(partition.topicId(), _ -> new HashMap<>())
        .computeIfAbsent(memberId, _ -> new TreeSet<>(moveOrder))
        .add(partition);
  }

  private void load(String memberId, int change) {
    List<TreeSet<String>> orders = topicsOf(memberId).stream().map(byLoad::get).toList();
    orders.forEach(order -> order.remove(memberId));
    loads.merge(memberId, change, Integer::sum);
    orders.forEach(order -> order.add(memberId));
  }
}
