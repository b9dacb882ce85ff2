package io.ottla.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the members of one consumer group were told, to be judged at the end. The group reads one
 * topic whose partitions have no gaps.
 *
 * <p>Times are of one clock that only grows. A request took effect somewhere between {@code sentAt}
 * and {@code answeredAt}, so that one is certainly before another only if its answer came before
 * the other was sent. Whatever is not certain convicts nobody. Thread-safe.
 */
final class GroupHistory {
  /** Instead of an answer's number: the request carried no cursor. */
  static final int NO_CURSOR = -1;

  private final long sessionTimeout;
  private final List<Answer> answers = new ArrayList<>();
  private final List<Unanswered> unanswered = new ArrayList<>();
  private final List<Commit> commits = new ArrayList<>();
  private final List<Shown> shown = new ArrayList<>();
  private final List<Unanswered> seeks = new ArrayList<>();
  private final List<Span> unsettled = new ArrayList<>();

  /** Members silent for less than {@code sessionTimeout} keep what they own. */
  GroupHistory(long sessionTimeout) {
    this.sessionTimeout = sessionTimeout;
  }

  /** A time span, both ends included. */
  record Span(long from, long to) {
    boolean overlaps(long otherFrom, long otherTo) {
      return from <= otherTo && otherFrom <= to;
    }
  }

  /** One event as it was delivered. */
  record Delivered(int partition, long offset, String value) {}

  /** What an answer said about who owns what. */
  record Owned(int generation, Set<Integer> assigned, Set<Integer> revoking) {
    boolean has(int partition) {
      return assigned.contains(partition) || revoking.contains(partition);
    }
  }

  /**
   * A poll's answer, or a stream's events up to a cursor.
   *
   * @param number counts the answers of the history
   * @param base whose answer's cursor was sent, or {@link #NO_CURSOR}
   * @param owned empty for a stream, whose ownership may change unsaid
   */
  record Answer(
      int number,
      long consumer,
      Span time,
      int base,
      Optional<Owned> owned,
      List<Delivered> events) {}

  /** A poll or stream whose answer was not seen, or not seen whole. */
  record Unanswered(long consumer, Span time) {}

  /** How a commit said what it commits. */
  enum By {
    POSITION,
    CURSOR,
    OFFSETS,
    RESET
  }

  /** What became of a commit. */
  enum Outcome {
    ACKED,
    FAILED,
    UNKNOWN
  }

  /**
   * A commit.
   *
   * @param base the answer whose cursor was sent; for a position the consumer's last answer
   * @param asked the offsets named in the request, if any
   */
  record Commit(
      long consumer, Span time, By by, int base, Map<Integer, Long> asked, Outcome outcome) {}

  /**
   * Committed offsets that an answer showed.
   *
   * @param by the commit that was answered so; empty for a mere look
   */
  record Shown(Span time, Optional<Commit> by, Map<Integer, Long> committed) {}

  /** The number of the answer. */
  synchronized int answered(
      long consumer, Span time, int base, Optional<Owned> owned, List<Delivered> events) {
    answers.add(new Answer(answers.size(), consumer, time, base, owned, List.copyOf(events)));
    return answers.size() - 1;
  }

  synchronized void unanswered(long consumer, Span time) {
    unanswered.add(new Unanswered(consumer, time));
  }

  synchronized void committed(Commit commit, Map<Integer, Long> committed) {
    commits.add(commit);
    if (commit.outcome() == Outcome.ACKED) {
      shown.add(new Shown(commit.time(), Optional.of(commit), Map.copyOf(committed)));
    }
  }

  synchronized void looked(Span time, Map<Integer, Long> committed) {
    shown.add(new Shown(time, Optional.empty(), Map.copyOf(committed)));
  }

  /** The consumer asked to be moved; whether it was does not matter. */
  synchronized void sought(long consumer, Span time) {
    seeks.add(new Unanswered(consumer, time));
  }

  /** In this span the coordinator may have moved, and forgotten the positions. */
  synchronized void unsettled(Span time) {
    unsettled.add(time);
  }

  synchronized int commitCount(Outcome outcome) {
    return (int) commits.stream().filter(commit -> commit.outcome() == outcome).count();
  }

  synchronized int deliveredCount() {
    return answers.stream().mapToInt(answer -> answer.events().size()).sum();
  }

  /** Every way in which the group's answers contradict the contract, or what was produced. */
  synchronized List<String> contradictions(History produced) {
    CommitFloors floors = new CommitFloors(commits, shown, unsettled);
    List<String> found = new ArrayList<>(floors.goneBack());
    found.addAll(new OwnershipCheck(answers, unanswered, commits, shown).contradictions());
    found.addAll(
        new DeliveryCheck(answers, unanswered, seeks, unsettled, sessionTimeout, floors)
            .contradictions());
    found.addAll(new ContentCheck(answers, lastCommitted()).contradictions(produced));
    return found;
  }

  private Map<Integer, Long> lastCommitted() {
    return shown.stream()
        .reduce((first, second) -> first.time().from() > second.time().from() ? first : second)
        .map(Shown::committed)
        .orElse(Map.of());
  }
}
