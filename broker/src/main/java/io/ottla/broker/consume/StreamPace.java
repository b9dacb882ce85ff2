package io.ottla.broker.consume;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets streams gather events when there are many of them: a part costs about the same however many
 * events it holds, so the more parts there are per second, the longer each stream waits after one
 * before it looks for the next, up to a few milliseconds. A lone stream hardly waits, and one that
 * was idle does not wait at all. Thread-safe; one for all streams.
 */
final class StreamPace {
  private static final long LONGEST_NANOS = Duration.ofMillis(5).toNanos();
  private static final long WINDOW_NANOS = Duration.ofMillis(100).toNanos();

  /** So many parts per window are the most that is worth their price. */
  private static final long BUSY_PARTS = 2_000;

  private final AtomicLong windowStartNanos = new AtomicLong(System.nanoTime());
  private final AtomicLong parts = new AtomicLong();
  private volatile long gatherNanos;

  /** A part was given. */
  void given(long nowNanos) {
    parts.incrementAndGet();
    long startNanos = windowStartNanos.get();
    long elapsedNanos = nowNanos - startNanos;
    if (elapsedNanos >= WINDOW_NANOS && windowStartNanos.compareAndSet(startNanos, nowNanos)) {
      gatherNanos = gatherNanos(parts.getAndSet(0), elapsedNanos);
    }
  }

  /**
   * How long a stream waits after a part.
   *
   * @param count parts that were given within {@code elapsedNanos}
   */
  static long gatherNanos(long count, long elapsedNanos) {
    double perWindow = (double) count * WINDOW_NANOS / elapsedNanos;
    return (long) (LONGEST_NANOS * Math.min(1, perWindow / BUSY_PARTS));
  }

  /** Waits until it is time to look for events again, after a part that was given then. */
  void await(long givenNanos) {
    long leftNanos = givenNanos + gatherNanos - System.nanoTime();
    if (leftNanos > 0) {
      LockSupport.parkNanos(leftNanos);
    }
  }
}
