package io.ottla.server;

import io.ottla.server.GroupHistory.Answer;
import io.ottla.server.GroupHistory.Delivered;
import io.ottla.server.GroupHistory.Owned;
import io.ottla.server.GroupHistory.Span;
import io.ottla.server.GroupHistory.Unanswered;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Whether each member's events followed one another: within an answer and, while it certainly owned
 * the partition, from one answer to the next; and never from below what had been committed before
 * it came to own the partition.
 */
final class DeliveryCheck {
  private final List<Answer> answers;
  private final List<Unanswered> unanswered;
  private final List<Unanswered> seeks;
  private final List<Span> unsettled;
  private final long sessionTimeout;
  private final CommitFloors floors;
  private final List<String> found = new ArrayList<>();

  /** Per answer and partition the next offset, where it is certain. */
  private final Map<Integer, Map<Integer, Long>> nextOffsets = new HashMap<>();

  DeliveryCheck(
      List<Answer> answers,
      List<Unanswered> unanswered,
      List<Unanswered> seeks,
      List<Span> unsettled,
      long sessionTimeout,
      CommitFloors floors) {
    this.answers = answers;
    this.unanswered = unanswered;
    this.seeks = seeks;
    this.unsettled = unsettled;
    this.sessionTimeout = sessionTimeout;
    this.floors = floors;
  }

  List<String> contradictions() {
    Map<Long, List<Answer>> byConsumer = new TreeMap<>();
    answers.forEach(
        answer ->
            byConsumer.computeIfAbsent(answer.consumer(), _ -> new ArrayList<>()).add(answer));
    byConsumer.forEach(
        (consumer, own) -> {
          own.sort(Comparator.comparingLong(answer -> answer.time().to()));
          new OneConsumer(own, spansOf(consumer, unanswered), spansOf(consumer, seeks)).check();
        });
    return found;
  }

  private static List<Span> spansOf(long consumer, List<Unanswered> requests) {
    return requests.stream()
        .filter(request -> request.consumer() == consumer)
        .map(Unanswered::time)
        .toList();
  }

  /** One consumer's answers in their order, its polls that were not answered, and its seeks. */
  private final class OneConsumer {
    private final List<Answer> own;
    private final List<Span> lost;
    private final List<Span> moved;
    private final Map<Integer, Integer> indexOf = new HashMap<>();

    /** Per partition when this ownership can have begun at the earliest. */
    private final Map<Integer, Long> runs = new HashMap<>();

    /** After it came the first request that may have brought new ownerships. */
    private long lastAnswerAt = Long.MIN_VALUE;

    private OneConsumer(List<Answer> own, List<Span> lost, List<Span> moved) {
      this.own = own;
      this.lost = lost;
      this.moved = moved;
    }

    private void check() {
      for (int i = 0; i < own.size(); i++) {
        indexOf.put(own.get(i).number(), i);
        check(i);
        lastAnswerAt = own.get(i).time().to();
      }
    }

    private void check(int index) {
      Answer answer = own.get(index);
      Optional<Owned> owned = answer.owned();
      owned.ifPresent(now -> runs.keySet().removeIf(partition -> !now.has(partition)));
      long begun = firstRequestAfter(lastAnswerAt, answer);
      owned.ifPresent(now -> now.assigned().forEach(p -> runs.putIfAbsent(p, begun)));
      answer.events().forEach(event -> runs.putIfAbsent(event.partition(), begun));

      int base = answer.base() >= 0 ? indexOf.getOrDefault(answer.base(), -1) : index - 1;
      Map<Integer, Long> next = new HashMap<>();
      if (base >= 0) {
        nextOffsets
            .get(own.get(base).number())
            .forEach(
                (partition, offset) -> {
                  if (isCertain(base, index, partition)) {
                    next.put(partition, offset);
                  }
                });
      }
      Map<Integer, Long> seen = new HashMap<>();
      answer
          .events()
          .forEach(event -> check(answer, event, seen, optional(next.get(event.partition()))));
      next.putAll(seen);
      nextOffsets.put(answer.number(), next);
    }

    /** {@code seen} has the next offsets within the answer. */
    private void check(
        Answer answer, Delivered event, Map<Integer, Long> seen, OptionalLong before) {
      int partition = event.partition();
      Long within = seen.put(partition, event.offset() + 1);
      boolean stream = answer.owned().isEmpty();
      if (within == null ? before.isEmpty() : stream && within != event.offset()) {
        long floor = floors.floor(partition, runs.get(partition), answer.time().to());
        boolean sought = moved.stream().anyMatch(span -> span.from() < answer.time().to());
        if (event.offset() < floor && !sought) {
          found.add(
              "delivered twice: %d was given %s, but %d was committed before"
                  .formatted(answer.consumer(), event, floor));
        }
        return;
      }
      long expected = within == null ? before.getAsLong() : within;
      if (event.offset() != expected) {
        String kind = event.offset() > expected ? "poll skip" : "step back";
        found.add(
            "%s: %d was given %s after %d".formatted(kind, answer.consumer(), event, expected - 1));
      }
    }

    private long firstRequestAfter(long time, Answer answer) {
      return lost.stream()
          .filter(span -> span.to() >= time && span.from() < answer.time().from())
          .mapToLong(Span::from)
          .min()
          .orElse(answer.time().from());
    }

    /** Whether the answer certainly goes on where its base ended. */
    private boolean isCertain(int base, int index, int partition) {
      Answer first = own.get(base);
      Answer last = own.get(index);
      if (last.base() < 0
          && (anyOverlaps(unsettled, first, last)
              || anyOverlaps(lost, first, last)
              || anyOverlaps(moved, first, last))) {
        return false;
      }
      for (int i = base; i < index; i++) {
        if (!isSameOwnership(own.get(i), own.get(i + 1), partition)) {
          return false;
        }
      }
      return true;
    }

    private boolean isSameOwnership(Answer one, Answer next, int partition) {
      if (one.owned().isEmpty() || next.owned().isEmpty()) {
        return false;
      }
      Owned before = one.owned().get();
      Owned after = next.owned().get();
      if (!before.has(partition) || !after.has(partition)) {
        return false;
      }
      return before.generation() == after.generation()
          || (before.assigned().contains(partition)
              && !anyOverlaps(lost, one, next)
              && next.time().to() - one.time().from() < sessionTimeout);
    }

    private static boolean anyOverlaps(List<Span> spans, Answer first, Answer last) {
      return spans.stream().anyMatch(span -> span.overlaps(first.time().from(), last.time().to()));
    }
  }

  private static OptionalLong optional(Long offset) {
    return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
  }
}
