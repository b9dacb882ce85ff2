package io.ottla.broker.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time that decides what is old enough to be deleted, and that entries are appended at. While a
 * process runs it is the monotonic clock's: whatever is done to the wall clock, an hour is an hour.
 * Only how long no process ran must be taken from the wall clock, and that is believed slowly.
 *
 * <h2>The rule</h2>
 *
 * It starts where the process before ended, and as much later as the wall clock says that has
 * passed. That stretch is a {@link Gap}. It counts in {@link #ageMs} only when the wall clock has
 * stood by it for a hundredth of its length, at least ten minutes; a gap of up to a minute counts
 * at once. If the wall clock falls back behind where it was when this process started, the gap is
 * refuted and never counts. Without a history all before the start is one gap, measured from each
 * moment that is asked about.
 *
 * <h2>Always true</h2>
 *
 * {@link #millis} never goes back, in this process and, with a history, from one process to the
 * next. {@link #ageMs} is never more than what processes have watched since, and the gaps that are
 * believed. What is appended in this process lies behind all gaps: its age is what was watched.
 *
 * <h2>Threads</h2>
 *
 * Thread-safe. The lock guards {@code gaps}.
 */
public final class GuardedClock implements InstantSource {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedClock.class);

  /** What a wall clock may be off without anybody minding. */
  private static final long SMALL_MS = Duration.ofMinutes(1).toMillis();

  private static final long LEAST_STANDING_MS = Duration.ofMinutes(10).toMillis();
  private static final long STANDING_PART = 100;
  private static final int MOST_GAPS = 64;

  /** Older times are absurd; sums of this one do not overflow. */
  private static final long EARLIEST_MS = Long.MIN_VALUE / 8;

  private final TimeSource time;
  private final long startNanos;
  private final long startMs;
  private final long startWallMs;
  private final Object lock = new Object();
  private List<Gap> gaps;

  private GuardedClock(TimeSource time, long startWallMs, long startMs, List<Gap> gaps) {
    this.time = time;
    this.startNanos = time.nanoTime();
    this.startWallMs = startWallMs;
    this.startMs = startMs;
    this.gaps = gaps;
  }

  /** A clock of a process that starts now; {@code history} is what the one before left. */
  public static GuardedClock start(TimeSource time, Optional<ClockHistory> history) {
    long wallMs = time.millis();
    if (history.isEmpty()) {
      return new GuardedClock(
          time, wallMs, wallMs, List.of(new Gap(Long.MIN_VALUE, wallMs, 0, false)));
    }
    ClockHistory before = history.get();
    long passedMs = wallMs - before.wallMs();
    long startMs = before.guardedMs() + Math.max(0, passedMs);
    if (Math.abs(startMs - wallMs) <= SMALL_MS) {
      startMs = Math.max(before.guardedMs(), wallMs);
    }
    List<Gap> gaps = new ArrayList<>(before.gaps());
    if (passedMs < -SMALL_MS) {
      LOG.warn(
          "the wall clock has gone back while the server was off: byMs={}; what it said is not"
              + " believed",
          -passedMs);
      gaps.replaceAll(gap -> refuted(gap));
    }
    if (startMs - before.guardedMs() > SMALL_MS) {
      gaps.add(new Gap(before.guardedMs(), startMs, 0, false));
    }
    return new GuardedClock(time, wallMs, startMs, bounded(gaps));
  }

  private static Gap refuted(Gap gap) {
    return new Gap(gap.fromMs(), gap.toMs(), gap.stoodMs(), true);
  }

  /** The oldest become one that does not count: that deletes nothing too early. */
  private static List<Gap> bounded(List<Gap> gaps) {
    List<Gap> bounded = new ArrayList<>(gaps);
    while (bounded.size() > MOST_GAPS) {
      Gap first = bounded.removeFirst();
      Gap second = bounded.removeFirst();
      bounded.addFirst(new Gap(first.fromMs(), second.toMs(), 0, true));
    }
    return bounded;
  }

  @Override
  public long millis() {
    return startMs + watchedMs();
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis());
  }

  /** Since this process started. */
  private long watchedMs() {
    return TimeUnit.NANOSECONDS.toMillis(time.nanoTime() - startNanos);
  }

  /**
   * How long ago that was, as far as it is believed; negative if it is to come.
   *
   * @param atMs of this clock, in this process or in an earlier one
   */
  public long ageMs(long atMs) {
    long watchedMs = watchedMs();
    long ofMs = Math.max(EARLIEST_MS, atMs);
    long ageMs = startMs + watchedMs - ofMs;
    if (ofMs >= startMs) {
      return ageMs;
    }
    for (Gap gap : lookAtWall(watchedMs)) {
      long behindMs = gap.behindMs(ofMs);
      if (behindMs > 0 && !isBelieved(gap, behindMs, watchedMs)) {
        ageMs -= behindMs;
      }
    }
    return ageMs;
  }

  private static boolean isBelieved(Gap gap, long lengthMs, long watchedMs) {
    long stoodMs = gap.stoodMs() + watchedMs;
    return !gap.refuted() && stoodMs >= Math.max(LEAST_STANDING_MS, lengthMs / STANDING_PART);
  }

  /** The gaps, after a look at whether the wall clock still stands by them. */
  private List<Gap> lookAtWall(long watchedMs) {
    long behindMs = startWallMs + watchedMs - time.millis();
    synchronized (lock) {
      if (behindMs > SMALL_MS && gaps.stream().anyMatch(gap -> !gap.refuted())) {
        LOG.warn(
            "the wall clock has gone back: byMs={}; what it said when the server started is not"
                + " believed, and nothing older is deleted for it",
            behindMs);
        gaps = gaps.stream().map(GuardedClock::refuted).toList();
      } else if (gaps.stream().anyMatch(gap -> isBelievedWhole(gap, watchedMs))) {
        // For good: what the wall clock does later is no word against it.
        gaps = gaps.stream().filter(gap -> !isBelievedWhole(gap, watchedMs)).toList();
      }
      return gaps;
    }
  }

  private static boolean isBelievedWhole(Gap gap, long watchedMs) {
    return isBelieved(gap, gap.lengthMs(), watchedMs);
  }

  /** What the process after this one has to know. To be kept now and then, and at the end. */
  public ClockHistory history() {
    long watchedMs = watchedMs();
    List<Gap> left = new ArrayList<>();
    for (Gap gap : lookAtWall(watchedMs)) {
      left.add(new Gap(gap.fromMs(), gap.toMs(), gap.stoodMs() + watchedMs, gap.refuted()));
    }
    return new ClockHistory(startMs + watchedMs, time.millis(), left);
  }

  /** How far the wall clock is ahead of this one; negative if it is behind. */
  public Duration wallAhead() {
    return Duration.ofMillis(time.millis() - millis());
  }

  /** How much of the past is not believed yet, or never: what is older is deleted later. */
  public Duration notBelieved() {
    long watchedMs = watchedMs();
    long sumMs = 0;
    for (Gap gap : lookAtWall(watchedMs)) {
      sumMs += gap.fromMs() == Long.MIN_VALUE ? 0 : gap.lengthMs();
    }
    return Duration.ofMillis(sumMs);
  }
}
