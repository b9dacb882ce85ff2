package io.ottla.broker.consume;

import io.ottla.broker.consume.Consumers.Found;
import io.ottla.groups.Cursor;
import io.ottla.groups.GroupReply.Membership;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.Ownership;
import io.ottla.groups.Subscription;
import io.ottla.groups.TopicPartition;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A stream's automatic commits. Nobody says what arrived at the other end, so a commit lies at
 * least one interval behind what was sent: a reader that vanishes is given again what it may not
 * have had. One owner at a time; commits are made on a thread of their own.
 */
final class StreamCommits {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration LONGEST_LETTING_GO = Duration.ofSeconds(1);
  private static final Duration UNDER_WAY_PAUSE = Duration.ofMillis(50);

  private final Found found;
  private final CoordinatorRunner runner;
  private final Settings settings;
  private final AtomicBoolean underWay = new AtomicBoolean();

  /** What the reader was sent; null at first. */
  private Cursor sent;

  /** What it was sent when the interval began, to be committed when that is over; may be null. */
  private Cursor candidate;

  private long candidateSinceNanos;

  /** Null before it is known: then nothing is committed. */
  private Membership membership;

  /**
   * How a stream commits.
   *
   * @param interval between two commits, and how far one lies behind
   */
  record Settings(boolean enabled, Duration interval, Duration sessionTimeout) {
    static Settings of(Optional<Subscription> subscription, GroupRequest.Poll asked) {
      boolean subscribed = subscription.map(Subscription::autoCommit).orElse(true);
      return new Settings(
          asked.autoCommit().orElse(subscribed),
          Duration.ofMillis(asked.autoCommitIntervalMs()),
          Duration.ofMillis(
              subscription
                  .map(Subscription::sessionTimeoutMs)
                  .orElse(PollEvents.DEFAULT_SESSION_TIMEOUT.toMillis())));
    }
  }

  StreamCommits(Found found, CoordinatorRunner runner, Settings settings) {
    this.found = found;
    this.runner = runner;
    this.settings = settings;
  }

  /** The member stands so. */
  void standsAt(Membership now) {
    membership = now;
  }

  /** Everything up to there was sent. */
  void sent(Cursor cursor) {
    if (!cursor.equals(sent)) {
      sent = cursor;
      if (candidate == null) {
        begin();
      }
    }
  }

  private void begin() {
    candidate = sent;
    candidateSinceNanos = System.nanoTime();
  }

  /** When {@link #commitIfDue} is to be called at the latest. */
  Duration untilDue() {
    if (!settings.enabled() || candidate == null) {
      return NEVER;
    }
    long leftNanos = settings.interval().toNanos() - (System.nanoTime() - candidateSinceNanos);
    // While one is under way, which without a leader takes seconds, the next has to wait.
    long leastNanos = underWay.get() ? UNDER_WAY_PAUSE.toNanos() : 0;
    return Duration.ofNanos(Math.max(leastNanos, leftNanos));
  }

  /** Commits, on another thread, what was sent an interval ago. */
  void commitIfDue() {
    if (!untilDue().isZero() || !underWay.compareAndSet(false, true)) {
      return;
    }
    Cursor due = owned(candidate);
    boolean isAll = candidate.equals(sent);
    candidate = null;
    if (!isAll) {
      begin();
    }
    Thread.ofVirtual()
        .name("stream-commit")
        .start(
            () -> {
              try {
                commit(due);
              } finally {
                underWay.set(false);
              }
            });
  }

  /** What the reader was sent so far. */
  Optional<Cursor> sent() {
    return Optional.ofNullable(sent);
  }

  /**
   * How long a stream that was told to let partitions go keeps them, giving none of their events:
   * what it sent before can be committed then, so that the next owner goes on behind it.
   */
  Duration untilLetGo(long toldAtNanos) {
    if (!settings.enabled()) {
      return Duration.ZERO;
    }
    long leftNanos = lettingGoNanos() - (System.nanoTime() - toldAtNanos);
    return Duration.ofNanos(Math.max(0, leftNanos));
  }

  private long lettingGoNanos() {
    return Math.min(settings.interval().toNanos(), LONGEST_LETTING_GO.toNanos());
  }

  /**
   * Commits before partitions are let go: what was sent when the stream was told so, if that is an
   * interval ago.
   */
  void commitBeforeLettingGo(Optional<Cursor> sentThen, long toldAtNanos) {
    boolean isOld = System.nanoTime() - toldAtNanos >= settings.interval().toNanos();
    if (settings.enabled() && isOld) {
      sentThen.ifPresent(cursor -> commit(owned(cursor)));
    }
  }

  /** The cursor without what is another member's by now. */
  private Cursor owned(Cursor cursor) {
    SortedMap<TopicPartition, Cursor.Place> places = new TreeMap<>();
    if (membership == null) {
      return cursor.at(places);
    }
    places.putAll(cursor.places());
    places
        .entrySet()
        .removeIf(
            entry -> {
              Ownership ownership = membership.assigned().get(entry.getKey());
              if (ownership == null) {
                ownership = membership.revoking().get(entry.getKey());
              }
              return ownership == null || ownership.epoch() != entry.getValue().epoch();
            });
    return cursor.at(places);
  }

  /** A refusal is no harm: the next commit covers this one, or the events are given again. */
  private void commit(Cursor cursor) {
    if (!cursor.places().isEmpty()) {
      var request =
          new GroupRequest.CommitCursor(found.consumer().group(), found.memberId(), cursor);
      runner.decide(s -> s.coordinator().commit(request, s.topics(), s.topics(), s.nowMs()));
    }
  }
}
