package io.ottla.groups;

import io.ottla.groups.GroupReply.PollPlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The sessions of a coordinator's members. None of it is in a record, so what a refused decision
 * did here has to be undone here. One owner at a time: the coordinator.
 */
final class Sessions {
  private final Map<String, Map<String, Session>> byGroup = new HashMap<>();

  /** Positions that began together with a decision which is not known to be applied. */
  private final List<Start> starts = new ArrayList<>();

  /** Numbers polls over all members: one who leaves and comes back has no number twice. */
  private long polls;

  private record Start(Session session, Collection<TopicPartition> partitions, long sequence) {}

  /** The member's session; begins one if there is none. */
  Session of(Group group, String memberId, long nowMs) {
    return byGroup
        .computeIfAbsent(group.name(), _ -> new HashMap<>())
        .computeIfAbsent(memberId, _ -> new Session(group.member(memberId).isEmpty(), nowMs));
  }

  Optional<Session> find(String group, String memberId) {
    return Optional.ofNullable(byGroup.getOrDefault(group, Map.of()).get(memberId));
  }

  void end(String group, String memberId) {
    byGroup.computeIfPresent(
        group,
        (_, members) -> {
          members.remove(memberId);
          return members.isEmpty() ? null : members;
        });
  }

  void endAll(String group) {
    byGroup.remove(group);
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

  /** The session whose newest poll that is. */
  Optional<Session> newest(PollPlan plan) {
    return find(plan.group(), plan.memberId()).filter(session -> session.isNewest(plan.pollId()));
  }

  /** Whether the member is active and was silent for too long. */
  boolean isOver(Group group, String memberId, long nowMs) {
    Optional<Member> member = group.member(memberId).filter(Member::active);
    return member.isPresent()
        && find(group.name(), memberId)
            .filter(s -> s.isOver(nowMs, member.get().subscription().sessionTimeoutMs()))
            .isPresent();
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

  /** These positions began with a decision: if it is refused, they never did. */
  void started(Session session, Collection<TopicPartition> partitions, long sequence) {
    starts.add(new Start(session, List.copyOf(partitions), sequence));
  }

  void appliedUpTo(long sequence) {
    starts.removeIf(start -> start.sequence() <= sequence);
  }

  /**
   * What was not applied never will be: no position under an ownership of it may stay, as the next
   * one can have the same epoch.
   *
   * @param applied the groups without what was refused
   */
  void refused(GroupView applied) {
    starts.forEach(start -> start.session().positions().keySet().removeAll(start.partitions()));
    starts.clear();
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
}
