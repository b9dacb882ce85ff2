package io.ottla.groups;

import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.Membership;
import io.ottla.groups.GroupReply.PollPlan;
import io.ottla.groups.GroupRequest.Target;
import io.ottla.groups.Session.Position;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A poll's steps: take the cursor, commit, let go, plan, start, deliver. No state. */
final class Polls {
  private Polls() {}

  /** Why the cursor is not one of this member's, if so; or what in it lies beyond an end. */
  static Optional<GroupRefusal> cursorRefusal(Group group, Cursor cursor, String memberId) {
    boolean mine =
        cursor.memberId().equals(memberId)
            && group.header().map(h -> h.createdAtMs() == cursor.groupCreatedAtMs()).orElse(false);
    return mine ? Optional.empty() : Optional.of(new GroupRefusal.ForeignCursor(cursor.memberId()));
  }

  /**
   * Moves the positions to the cursor. A partition whose owner has changed since, or which the
   * cursor does not have, goes on from its commit.
   */
  static Optional<GroupRefusal> takeCursor(
      Member member, Session session, Cursor cursor, LogBounds bounds) {
    Map<TopicPartition, Cursor.Place> valid = new TreeMap<>(cursor.places());
    valid.entrySet().removeIf(e -> !member.owns(e.getKey(), e.getValue().epoch()));
    for (Map.Entry<TopicPartition, Cursor.Place> entry : valid.entrySet()) {
      Optional<GroupRefusal> refusal =
          Commits.isWithin(entry.getKey(), entry.getValue().nextOffset(), bounds);
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    session.positions().clear();
    valid.forEach((p, place) -> session.moveTo(p, place.epoch(), place.nextOffset()));
    return Optional.empty();
  }

  /** The partitions that are to move and whose owner was told so by its last answer. */
  static Set<TopicPartition> letGo(Member member, Session session) {
    Set<TopicPartition> going = new HashSet<>(session.toldToLetGo());
    going.retainAll(Membership.of(0, member).revoking().keySet());
    return going;
  }

  /** What the member may read now; positions it had none of start at the group's commits. */
  static PollPlan plan(Group group, Member member, Session session, long pollId) {
    Membership membership = Membership.of(group.generation(), member);
    SortedMap<TopicPartition, Long> positions = new TreeMap<>();
    SortedMap<TopicPartition, StartFrom> starts = new TreeMap<>();
    membership
        .assigned()
        .forEach(
            (partition, ownership) -> {
              Optional<Position> position = session.position(member, partition);
              if (position.isEmpty() && group.offset(partition).isPresent()) {
                long committed = group.offset(partition).orElseThrow().offset();
                session.moveTo(partition, ownership.epoch(), committed);
                position = session.position(member, partition);
              }
              position.ifPresentOrElse(
                  p -> positions.put(partition, p.nextOffset()),
                  () -> starts.put(partition, start(group, member, partition)));
            });
    return new PollPlan(group.name(), member.id(), pollId, membership, positions, starts);
  }

  private static StartFrom start(Group group, Member member, TopicPartition partition) {
    int firstPartitions =
        group
            .header()
            .map(header -> header.topics().get(partition.topicId()))
            .map(GroupTopic::firstPartitions)
            .orElse(Integer.MAX_VALUE);
    return partition.partition() < firstPartitions
        ? member.subscription().from()
        : StartFrom.EARLIEST;
  }

  /**
   * Begins at the offsets that were looked up, where there is neither a position nor a commit by
   * now. A start that is not the earliest is committed, so that a later one does not pass over what
   * comes now.
   */
  static void start(
      Draft draft,
      Member member,
      Session session,
      PollPlan plan,
      Map<TopicPartition, Long> offsets,
      long nowMs) {
    SortedMap<TopicPartition, Target> commits = new TreeMap<>();
    plan.starts()
        .forEach(
            (partition, from) -> {
              Long offset = offsets.get(partition);
              Ownership given = plan.membership().assigned().get(partition);
              if (offset == null
                  || !member.owns(partition, given.epoch())
                  || session.position(member, partition).isPresent()
                  || draft.group().offset(partition).isPresent()) {
                return;
              }
              session.moveTo(partition, given.epoch(), offset);
              if (!from.equals(StartFrom.EARLIEST)) {
                commits.put(partition, new Target(given.topic(), offset, ""));
              }
            });
    Commits.raise(draft, commits, nowMs);
  }

  /**
   * Moves the positions behind what is answered.
   *
   * @param told the group as it is applied, which has the member: what the answer tells
   * @param decided the member as it is decided: what it is about to lose is not given any more
   */
  static Delivered deliver(
      Group told,
      Member decided,
      Session session,
      PollPlan plan,
      Map<TopicPartition, Long> nextOffsets) {
    Member member = told.member(decided.id()).orElseThrow();
    Membership now = Membership.of(told.generation(), member);
    Set<TopicPartition> accepted = new HashSet<>();
    plan.membership()
        .assigned()
        .forEach(
            (partition, given) -> {
              if (isAssigned(member, partition, given) && isAssigned(decided, partition, given)) {
                accepted.add(partition);
                Long next = nextOffsets.get(partition);
                if (next != null) {
                  session.moveTo(partition, given.epoch(), next);
                }
              }
            });
    session.toldToLetGo().clear();
    session.toldToLetGo().addAll(now.revoking().keySet());
    session.dropStale(decided, member);
    return new Delivered(now, accepted, cursor(told, member, session));
  }

  private static boolean isAssigned(Member member, TopicPartition partition, Ownership given) {
    Ownership owned = member.owned().get(partition);
    return owned != null && owned.epoch() == given.epoch() && !owned.revoking();
  }

  private static Cursor cursor(Group group, Member member, Session session) {
    SortedMap<TopicPartition, Cursor.Place> places = new TreeMap<>();
    for (TopicPartition partition : List.copyOf(member.owned().keySet())) {
      session
          .position(member, partition)
          .ifPresent(p -> places.put(partition, new Cursor.Place(p.epoch(), p.nextOffset())));
    }
    long createdAtMs = group.header().map(GroupHeader::createdAtMs).orElse(0L);
    return new Cursor(member.id(), createdAtMs, places);
  }
}
