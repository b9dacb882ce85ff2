package io.ottla.groups;

import io.ottla.groups.GroupRequest.Target;
import io.ottla.groups.Session.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The ways to commit, as changes of a draft. No state. */
final class Commits {
  private Commits() {}

  /** Commits the member's positions in these partitions; never lowers a commit. */
  static void positions(
      Draft draft,
      Member member,
      Session session,
      Collection<TopicPartition> partitions,
      LogBounds bounds,
      long nowMs) {
    SortedMap<TopicPartition, Target> targets = new TreeMap<>();
    for (TopicPartition partition : partitions) {
      Optional<Position> position = session.position(member, partition);
      if (position.isPresent()
          && isWithin(partition, position.get().nextOffset(), bounds).isEmpty()) {
        String topic = member.owned().get(partition).topic();
        targets.put(partition, new Target(topic, position.get().nextOffset(), ""));
      }
    }
    raise(draft, targets, nowMs);
  }

  /**
   * Why the member's position cannot be committed, if so: this coordinator does not know it, or a
   * partition went to somebody else meanwhile.
   */
  static Optional<GroupRefusal> positionRefusal(Member member, Session session, Topics topics) {
    for (Map.Entry<TopicPartition, Position> entry : session.positions().entrySet()) {
      if (!member.owns(entry.getKey(), entry.getValue().epoch())
          && !isGone(entry.getKey(), topics)) {
        return Optional.of(new GroupRefusal.NotAssigned(entry.getKey()));
      }
    }
    return session.positions().isEmpty() && !session.complete()
        ? Optional.of(new GroupRefusal.PositionLost())
        : Optional.empty();
  }

  /** Commits up to the cursor; never lowers a commit. */
  static Optional<GroupRefusal> cursor(
      Draft draft, Member member, Cursor cursor, Topics topics, LogBounds bounds, long nowMs) {
    SortedMap<TopicPartition, Target> targets = new TreeMap<>();
    for (Map.Entry<TopicPartition, Cursor.Place> entry : cursor.places().entrySet()) {
      TopicPartition partition = entry.getKey();
      Cursor.Place place = entry.getValue();
      if (isGone(partition, topics)) {
        continue;
      }
      Optional<GroupRefusal> refusal =
          member.owns(partition, place.epoch())
              ? isCommittable(partition, place.nextOffset(), bounds)
              : Optional.of(new GroupRefusal.NotAssigned(partition));
      if (refusal.isPresent()) {
        return refusal;
      }
      String topic = member.owned().get(partition).topic();
      targets.put(partition, new Target(topic, place.nextOffset(), ""));
    }
    raise(draft, targets, nowMs);
    return Optional.empty();
  }

  /** Commits exactly these, higher or lower. */
  static Optional<GroupRefusal> exactly(
      Draft draft, SortedMap<TopicPartition, Target> offsets, LogBounds bounds, long nowMs) {
    for (Map.Entry<TopicPartition, Target> entry : offsets.entrySet()) {
      Optional<GroupRefusal> refusal =
          isCommittable(entry.getKey(), entry.getValue().offset(), bounds);
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    commit(draft, offsets, nowMs);
    return Optional.empty();
  }

  /** The commits that the group has in these partitions. */
  static GroupReply.Committed committed(Group group, Collection<TopicPartition> partitions) {
    SortedMap<TopicPartition, CommittedOffset> offsets = new TreeMap<>();
    for (TopicPartition partition : partitions) {
      group.offset(partition).ifPresent(offset -> offsets.put(partition, offset));
    }
    return new GroupReply.Committed(offsets);
  }

  /** Commits where the commit is not as high already. */
  static void raise(Draft draft, SortedMap<TopicPartition, Target> offsets, long nowMs) {
    SortedMap<TopicPartition, Target> higher = new TreeMap<>(offsets);
    higher
        .entrySet()
        .removeIf(
            entry ->
                draft
                    .group()
                    .offset(entry.getKey())
                    .filter(old -> old.offset() >= entry.getValue().offset())
                    .isPresent());
    commit(draft, higher, nowMs);
  }

  /** All at once, as every change of a draft copies what it changes. */
  private static void commit(Draft draft, SortedMap<TopicPartition, Target> offsets, long nowMs) {
    String group = draft.group().name();
    List<GroupRecord> records = new ArrayList<>();
    offsets.forEach(
        (partition, target) ->
            records.add(
                new GroupRecord.OffsetSet(
                    group,
                    partition,
                    CommittedOffset.of(
                        target.topic(), target.offset(), target.metadata(), nowMs))));
    draft.addAll(records);
  }

  /** Why the offset cannot be one of the partition's, as far as is known. */
  static Optional<GroupRefusal> isWithin(TopicPartition partition, long offset, LogBounds bounds) {
    return bounds
        .of(partition)
        .filter(known -> offset > known.endOffset())
        .map(known -> new GroupRefusal.BeyondEnd(partition, offset, known.endOffset()));
  }

  /** The same; an offset whose partition nobody leads cannot be one for sure. */
  static Optional<GroupRefusal> isCommittable(
      TopicPartition partition, long offset, LogBounds bounds) {
    return bounds.of(partition).isEmpty()
        ? Optional.of(new GroupRefusal.NoLeader(partition))
        : isWithin(partition, offset, bounds);
  }

  private static boolean isGone(TopicPartition partition, Topics topics) {
    return topics.certain() && topics.withId(partition.topicId()).isEmpty();
  }
}
