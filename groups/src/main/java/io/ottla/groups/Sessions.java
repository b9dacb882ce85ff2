package io.ottla.groups;

import io.ottla.groups.GroupReply.PollPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The sessions of a coordinator's members. None of it is in a record, so what a refused decision
 * did here has to be undone here. One owner at a time: the coordinator.
 *
 * <p>Always true: while a member owns a partition under one epoch, its position there moves only by
 * what it was given, by its cursor or by its seek. A decision that moves positions, begins a poll
 * or ends a session gives {@link #changed} what was before. A refusal brings that back, whatever
 * was decided on top. Nothing else changes it meanwhile: no plan is used before it is applied.
 */
final class Sessions {
  private final Map<String, Map<String, Session>> byGroup = new HashMap<>();

  /** By decisions that are not known to be applied; a group's in the order they were made. */
  private final List<Change> changes = new ArrayList<>();

  private long appliedUpTo;

  /** Numbers polls over all members: one who leaves and comes back has no number twice. */
  private long polls;

  /** A member's session as it was before a decision; empty if it had none. */
  record Before(String group, String memberId, Optional<Was> was) {}

  record Was(Session session, Session.Snapshot snapshot) {}

  private record Change(Before before, long sequence) {}

  /** The member's session; begins one if there is none. */
  Session of(Group group, String memberId, long nowMs) {
    return byGroup
        .computeIfAbsent(group.name(), _ -> new HashMap<>())
        .computeIfAbsent(memberId, _ -> new Session(group.member(memberId).isEmpty(), nowMs));
  }

  Optional<Session> find(String group, String memberId) {
    return Optional.ofNullable(byGroup.getOrDefault(group, Map.of()).get(memberId));
  }

  /** The member's session as it is now. */
  Before before(String group, String memberId) {
    return new Before(group, memberId, find(group, memberId).map(s -> new Was(s, s.snapshot())));
  }

  /** Ends the member's session; what it was. */
  Before end(String group, String memberId) {
    Before ended = before(group, memberId);
    remove(group, memberId);
    return ended;
  }

  private void remove(String group, String memberId) {
    byGroup.computeIfPresent(
        group,
        (_, members) -> {
          members.remove(memberId);
          return members.isEmpty() ? null : members;
        });
  }

  /** Ends the sessions of the group's members; what they were. */
  List<Before> endAll(Group group) {
    return group.members().keySet().stream().map(id -> end(group.name(), id)).toList();
  }

  /** Begins a poll, which ends the member's older one. */
  long beginPoll(Session session) {
    polls++;
    session.beginPoll(polls);
    return polls;
  }

  /** Ends the member's poll under way, for another reason than a newer one. */
  void supersedePoll(Session session) {
    polls++;
    session.supersedePoll(polls);
  }

  /**
   * The session whose newest poll that is.
   *
   * @throws IllegalStateException when the plan is not applied: its member must not have it yet
   */
  Optional<Session> newest(PollPlan plan) {
    Optional<Session> session =
        find(plan.group(), plan.memberId()).filter(s -> s.isNewest(plan.pollId()));
    if (session.isPresent() && session.get().restsOn() > appliedUpTo) {
      throw new IllegalStateException("used before it is applied: poll " + plan.pollId());
    }
    return session;
  }

  /** Whether the member is active and was silent for too long. */
  boolean isOver(Group group, String memberId, long nowMs) {
    Optional<Member> member = group.member(memberId).filter(Member::active);
    return member.isPresent()
        && find(group.name(), memberId)
            .filter(s -> s.isOver(nowMs, member.get().subscription().sessionTimeoutMs()))
            .isPresent();
  }

  /** How long the member may be silent until it is forgotten. */
  long forgetAfterMs(Group group, Member member, boolean crowded) {
    boolean hasNothing =
        group.name().equals(Group.LONE_PREFIX + member.id()) && group.offsets().isEmpty();
    boolean isUnused =
        crowded || find(group.name(), member.id()).filter(Session::isUnused).isPresent();
    return hasNothing && isUnused
        ? GroupCoordinator.FORGET_UNUSED_AFTER_MS
        : GroupCoordinator.FORGET_AFTER_MS;
  }

  /** The groups with a member whose session is over. */
  List<Group> groupsWithSilentMembers(GroupView groups, long nowMs) {
    List<Group> silent = new ArrayList<>();
    byGroup.forEach(
        (name, members) ->
            groups
                .group(name)
                .filter(group -> members.keySet().stream().anyMatch(id -> isOver(group, id, nowMs)))
                .ifPresent(silent::add));
    return silent;
  }

  /** The next offset of each partition of the group whose owner has one. */
  Map<TopicPartition, Long> positions(Group group) {
    Map<TopicPartition, Long> positions = new TreeMap<>();
    for (Member member : group.members().values()) {
      find(group.name(), member.id())
          .ifPresent(
              session ->
                  member
                      .owned()
                      .keySet()
                      .forEach(
                          partition ->
                              session
                                  .position(member, partition)
                                  .ifPresent(p -> positions.put(partition, p.nextOffset()))));
    }
    return positions;
  }

  /** A decision changed these sessions; its sequence is 0 when it waits for nothing. */
  void changed(List<Before> before, long sequence) {
    if (sequence == 0) {
      return;
    }
    for (Before old : before) {
      changes.add(new Change(old, sequence));
      find(old.group(), old.memberId()).ifPresent(session -> session.restOn(sequence));
    }
  }

  void appliedUpTo(long sequence) {
    appliedUpTo = Math.max(appliedUpTo, sequence);
    changes.removeIf(change -> change.sequence() <= sequence);
  }

  /**
   * What was not applied never will be. No position under an ownership of it may stay, as the next
   * one can have the same epoch; and no other may be missing.
   *
   * @param applied the groups without what was refused
   */
  void refused(GroupView applied) {
    changes.reversed().forEach(change -> undo(change.before())); // the oldest has the last word
    changes.clear();
    byGroup
        .entrySet()
        .removeIf(
            entry -> {
              Optional<Group> group = applied.group(entry.getKey());
              Map<String, Session> members = entry.getValue();
              members.keySet().removeIf(id -> group.flatMap(known -> known.member(id)).isEmpty());
              members.forEach((id, session) -> session.dropStale(group.get().members().get(id)));
              return members.isEmpty();
            });
  }

  private void undo(Before before) {
    if (before.was().isEmpty()) {
      remove(before.group(), before.memberId());
      return;
    }
    Was was = before.was().get();
    was.session().goBack(was.snapshot());
    byGroup
        .computeIfAbsent(before.group(), _ -> new HashMap<>())
        .put(before.memberId(), was.session());
  }
}
