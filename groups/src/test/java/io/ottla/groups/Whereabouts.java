package io.ottla.groups;

import io.ottla.groups.GroupReply.Membership;
import io.ottla.groups.GroupReply.PollPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where each member is, by the answers alone: there its next read must begin. A decision's answer
 * is given when the decision is applied; one that is refused never was.
 */
final class Whereabouts {
  private final Map<String, Map<TopicPartition, Session.Position>> members = new HashMap<>();
  private final Map<String, PollPlan> plans = new HashMap<>();
  private final List<Waiting> waiting = new ArrayList<>();

  /**
   * An answer that is not given yet.
   *
   * @param before where the member is if it is refused
   */
  private record Waiting(
      long sequence,
      String name,
      Map<TopicPartition, Session.Position> before,
      Optional<PollPlan> plan) {}

  /** Where the member is under which ownership, as decided; to be changed by the caller. */
  Map<TopicPartition, Session.Position> of(String name) {
    return new HashMap<>(members.getOrDefault(name, Map.of()));
  }

  /** The member's newest plan that it has, unless it waits for more of the same poll. */
  Optional<PollPlan> plan(String name) {
    return Optional.ofNullable(plans.get(name))
        .filter(
            plan ->
                waiting.stream()
                    .flatMap(answer -> answer.plan().stream())
                    .noneMatch(other -> other.pollId() == plan.pollId()));
  }

  /** A decision moved the member, and perhaps gave it a plan. */
  void moved(
      String name,
      Map<TopicPartition, Session.Position> now,
      Decision<?> decision,
      Optional<PollPlan> plan) {
    if (decision.sequence() > 0) {
      waiting.add(new Waiting(decision.sequence(), name, of(name), plan));
    } else {
      plan.ifPresent(known -> plans.put(name, known));
    }
    members.put(name, now);
  }

  /** The member was given events, which waits for nothing. */
  void given(String name, Map<TopicPartition, Session.Position> now) {
    members.put(name, now);
  }

  void applied(long upTo) {
    for (Waiting answer : waiting) {
      if (answer.sequence() <= upTo) {
        answer.plan().ifPresent(plan -> plans.put(answer.name(), plan));
      }
    }
    waiting.removeIf(answer -> answer.sequence() <= upTo);
  }

  void refused() {
    waiting.reversed().forEach(answer -> members.put(answer.name(), answer.before()));
    waiting.clear();
  }

  /** Another coordinator knows nothing of it. */
  void forget() {
    members.clear();
    plans.clear();
    waiting.clear();
  }

  /** The places of a cursor that count for the member. */
  static Map<TopicPartition, Session.Position> places(Cursor cursor, Optional<Member> member) {
    Map<TopicPartition, Session.Position> places = new HashMap<>();
    cursor
        .places()
        .forEach(
            (p, at) -> {
              if (member.isPresent() && member.get().owns(p, at.epoch())) {
                places.put(p, new Session.Position(at.epoch(), at.nextOffset()));
              }
            });
    return places;
  }

  /** Offsets of partitions that are assigned. */
  static Map<TopicPartition, Session.Position> places(
      Membership membership, Map<TopicPartition, Long> offsets) {
    Map<TopicPartition, Session.Position> places = new HashMap<>();
    offsets.forEach(
        (p, offset) ->
            places.put(p, new Session.Position(membership.assigned().get(p).epoch(), offset)));
    return places;
  }

  static Map<TopicPartition, Session.Position> positions(PollPlan plan) {
    return places(plan.membership(), plan.positions());
  }
}
