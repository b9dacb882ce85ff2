package io.ottla.groups;

import io.ottla.groups.Topics.TopicLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Brings a group's ownerships in line with its members and topics. A partition that nobody holds is
 * given at once; one that an active member holds and should not is marked as revoking, until its
 * owner has let go; what a silent member holds stays there until somebody else wants it.
 */
final class Rebalance {
  private final Group before;
  private final Topics topics;
  private final SortedMap<UUID, GroupTopic> known;
  private final int nextGeneration;

  private Rebalance(Group before, Topics topics) {
    this.before = before;
    this.topics = topics;
    this.known = new TreeMap<>(before.header().orElseThrow().topics());
    this.nextGeneration = before.generation() + 1;
  }

  /** Adds to the draft what is needed; nothing when all is well. */
  static void run(Draft draft, Topics topics) {
    if (draft.group().header().isPresent()) {
      draft.addAll(new Rebalance(draft.group(), topics).records());
    }
  }

  private List<GroupRecord> records() {
    List<GroupRecord> records = new ArrayList<>(forgetDeletedTopics());
    Map<String, Map<UUID, GroupTopic>> subscribed = new HashMap<>();
    Map<List<String>, Map<UUID, GroupTopic>> resolved = new HashMap<>();
    before
        .members()
        .forEach(
            (id, member) -> {
              List<String> names = member.subscription().topics();
              subscribed.put(id, resolved.computeIfAbsent(names, this::resolve));
            });
    SortedMap<TopicPartition, String> target = target(subscribed);
    Map<String, List<TopicPartition>> gains = gains(target, activelyHeld(subscribed));
    List<Member> changed = new ArrayList<>();
    for (Member member : before.members().values()) {
      List<TopicPartition> gained = gains.getOrDefault(member.id(), List.of());
      SortedMap<TopicPartition, Ownership> owned =
          owned(member, subscribed.get(member.id()), target, gained);
      if (!owned.equals(member.owned())) {
        changed.add(member.withOwned(owned));
      }
    }
    GroupHeader header = before.header().orElseThrow().withTopics(known);
    if (!changed.isEmpty()) {
      header = header.withGeneration(nextGeneration);
    }
    if (!header.equals(before.header().orElseThrow())) {
      records.add(new GroupRecord.GroupSet(before.name(), header));
    }
    // What is lost comes before what is gained: no prefix of the records has two owners.
    for (Member member : changed) {
      List<TopicPartition> gained = gains.getOrDefault(member.id(), List.of());
      Member losing = Memberships.without(member, gained);
      if (gained.isEmpty() || losesSome(losing)) {
        records.add(new GroupRecord.MemberSet(before.name(), losing));
      }
    }
    changed.removeIf(member -> !gains.containsKey(member.id()));
    changed.forEach(m -> records.add(new GroupRecord.MemberSet(before.name(), m)));
    return records;
  }

  private boolean losesSome(Member member) {
    Member now = before.members().get(member.id());
    return !member.owned().keySet().containsAll(now.owned().keySet());
  }

  private static Map<String, List<TopicPartition>> gains(
      SortedMap<TopicPartition, String> target, Set<TopicPartition> held) {
    Map<String, List<TopicPartition>> gains = new HashMap<>();
    target.forEach(
        (partition, memberId) -> {
          if (!held.contains(partition)) {
            gains.computeIfAbsent(memberId, _ -> new ArrayList<>()).add(partition);
          }
        });
    return gains;
  }

  private List<GroupRecord> forgetDeletedTopics() {
    if (!topics.certain()) {
      return List.of();
    }
    known.keySet().removeIf(id -> topics.withId(id).isEmpty());
    List<GroupRecord> gone = new ArrayList<>();
    before
        .offsets()
        .forEach(
            (partition, offset) -> {
              if (topics.withId(partition.topicId()).isEmpty()) {
                gone.add(new GroupRecord.OffsetRemoved(before.name(), partition, offset.topic()));
              }
            });
    return gone;
  }

  /** The named topics as they are now; the group gets to know new and grown ones. */
  private Map<UUID, GroupTopic> resolve(List<String> names) {
    Map<UUID, GroupTopic> resolved = new HashMap<>();
    for (String name : names) {
      Optional<TopicLayout> layout = topics.named(name);
      if (layout.isPresent()) {
        GroupTopic topic = meet(layout.get());
        resolved.put(topic.id(), topic);
      } else if (!topics.certain()) {
        known.values().stream()
            .filter(topic -> topic.name().equals(name))
            .forEach(topic -> resolved.put(topic.id(), topic));
      }
    }
    return resolved;
  }

  private GroupTopic meet(TopicLayout layout) {
    return known.merge(
        layout.id(),
        new GroupTopic(layout.id(), layout.name(), layout.partitions(), layout.partitions()),
        (old, now) ->
            new GroupTopic(
                old.id(),
                now.name(),
                Math.max(old.partitions(), now.partitions()),
                old.firstPartitions()));
  }

  private SortedMap<TopicPartition, String> target(Map<String, Map<UUID, GroupTopic>> subscribed) {
    SortedMap<UUID, Integer> partitions = new TreeMap<>();
    Map<UUID, SortedSet<String>> subscribers = new HashMap<>();
    Map<TopicPartition, Assignor.Holder> holders = new HashMap<>();
    for (Member member : before.members().values()) {
      if (!member.active()) {
        continue;
      }
      for (GroupTopic topic : subscribed.get(member.id()).values()) {
        partitions.put(topic.id(), topic.partitions());
        subscribers.computeIfAbsent(topic.id(), _ -> new TreeSet<>()).add(member.id());
      }
      member
          .owned()
          .forEach((p, o) -> holders.put(p, new Assignor.Holder(member.id(), o.revoking())));
    }
    return Assignor.assign(partitions, subscribers, holders);
  }

  private SortedMap<TopicPartition, Ownership> owned(
      Member member,
      Map<UUID, GroupTopic> subscribed,
      SortedMap<TopicPartition, String> target,
      List<TopicPartition> gained) {
    SortedMap<TopicPartition, Ownership> owned = new TreeMap<>();
    member
        .owned()
        .forEach(
            (partition, ownership) -> {
              GroupTopic topic = subscribed.get(partition.topicId());
              if (topic == null || partition.partition() >= topic.partitions()) {
                return;
              }
              if (target.getOrDefault(partition, member.id()).equals(member.id())) {
                owned.put(partition, ownership.revoked(false));
              } else if (member.active()) {
                owned.put(partition, ownership.revoked(true));
              }
            });
    for (TopicPartition partition : gained) {
      String topic = known.get(partition.topicId()).name();
      owned.put(partition, new Ownership(topic, nextGeneration, false));
    }
    return owned;
  }

  /** What active members hold and may go on holding. */
  private Set<TopicPartition> activelyHeld(Map<String, Map<UUID, GroupTopic>> subscribed) {
    Set<TopicPartition> held = new HashSet<>();
    for (Member member : before.members().values()) {
      if (member.active()) {
        Set<UUID> allowed = subscribed.get(member.id()).keySet();
        member.owned().keySet().stream()
            .filter(partition -> allowed.contains(partition.topicId()))
            .forEach(held::add);
      }
    }
    return held;
  }
}
