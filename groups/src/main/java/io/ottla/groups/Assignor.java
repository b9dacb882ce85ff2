package io.ottla.groups;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final Map<String, Candidate> candidates = new HashMap<>();

  /** Per topic its subscribers, the least loaded first. */
  private final SortedMap<UUID, TreeSet<Candidate>> byLoad = new TreeMap<>();

  private Assignor() {}

  /** Who holds a partition now, and whether it is on its way to somebody else. */
  record Holder(String memberId, boolean revoking) {}

  /** A partition that could move: those already on the move first. */
  private record Movable(TopicPartition partition, boolean staying) implements Comparable<Movable> {
    @Override
    public int compareTo(Movable other) {
      int order = Boolean.compare(staying, other.staying);
      return order != 0 ? order : other.partition.compareTo(partition);
    }
  }

  /** A member that may own. Its load changes only while it stands in no order. */
  private static final class Candidate implements Comparable<Candidate> {
    private final String memberId;
    private final List<TreeSet<Candidate>> orders = new ArrayList<>();
    private final Map<UUID, TreeSet<Movable>> owned = new HashMap<>();
    private int load;

    private Candidate(String memberId) {
      this.memberId = memberId;
    }

    private void own(Movable movable) {
      owned.computeIfAbsent(movable.partition().topicId(), _ -> new TreeSet<>()).add(movable);
      load++;
    }

    private boolean ownsSomeOf(UUID topic) {
      TreeSet<Movable> ofTopic = owned.get(topic);
      return ofTopic != null && !ofTopic.isEmpty();
    }

    private Movable loseOneOf(UUID topic) {
      load--;
      return owned.get(topic).removeFirst();
    }

    private void leaveOrders() {
      orders.forEach(order -> order.remove(this));
    }

    private void enterOrders() {
      orders.forEach(order -> order.add(this));
    }

    @Override
    public int compareTo(Candidate other) {
      int order = Integer.compare(load, other.load);
      return order != 0 ? order : memberId.compareTo(other.memberId);
    }
  }

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
    Assignor assignor = new Assignor();
    List<Movable> free = new ArrayList<>();
    partitions.forEach(
        (topic, count) -> {
          SortedSet<String> able = subscribers.getOrDefault(topic, new TreeSet<>());
          for (int i = 0; i < count; i++) {
            TopicPartition partition = new TopicPartition(topic, i);
            Holder holder = holders.get(partition);
            Movable movable = new Movable(partition, holder == null || !holder.revoking());
            if (holder == null || !able.contains(holder.memberId())) {
              free.add(movable);
            } else {
              assignor.give(movable, assignor.candidate(holder.memberId()));
            }
          }
        });
    subscribers.forEach(assignor::order);
    free.forEach(assignor::giveToLeastLoaded);
    assignor.balance();
    return assignor.owners;
  }

  private Candidate candidate(String memberId) {
    return candidates.computeIfAbsent(memberId, Candidate::new);
  }

  /** Puts the topic's subscribers in order, as loaded as they are by now. */
  private void order(UUID topic, SortedSet<String> memberIds) {
    TreeSet<Candidate> order = new TreeSet<>();
    for (String memberId : memberIds) {
      Candidate candidate = candidate(memberId);
      candidate.orders.add(order);
      order.add(candidate);
    }
    byLoad.put(topic, order);
  }

  private void give(Movable movable, Candidate owner) {
    owners.put(movable.partition(), owner.memberId);
    owner.own(movable);
  }

  private void giveToLeastLoaded(Movable movable) {
    TreeSet<Candidate> order = byLoad.get(movable.partition().topicId());
    if (order != null && !order.isEmpty()) {
      Candidate least = order.first();
      least.leaveOrders();
      give(movable, least);
      least.enterOrders();
    }
  }

  private void balance() {
    boolean moved = true;
    while (moved) {
      moved = false;
      for (UUID topic : byLoad.keySet()) {
        while (moveOne(topic)) {
          moved = true;
        }
      }
    }
  }

  /** Moves one of the topic's partitions from its most to its least loaded subscriber. */
  private boolean moveOne(UUID topic) {
    TreeSet<Candidate> order = byLoad.get(topic);
    Candidate most = null;
    for (Candidate candidate : order.descendingSet()) {
      if (candidate.ownsSomeOf(topic)) {
        most = candidate;
        break;
      }
    }
    if (most == null || most.load - order.first().load < 2) {
      return false;
    }
    most.leaveOrders();
    Movable movable = most.loseOneOf(topic);
    most.enterOrders();
    giveToLeastLoaded(movable);
    return true;
  }
}
