package io.ottla.replication;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The append times that a replica gives to entries while it leads: the clock's, but not before that
 * of an entry it has applied. A time far ahead is not held on to: it was given under a wrong clock,
 * and would be every entry's until the clock has come so far. Thread-safe.
 */
final class AppendTimes {
  private static final long FAR_MS = 5 * 60 * 1000;

  private final InstantSource clock;
  private final AtomicLong appliedMs = new AtomicLong(Long.MIN_VALUE);

  AppendTimes(InstantSource clock) {
    this.clock = clock;
  }

  /** An entry with this append time is applied. */
  void applied(long appendTimeMs) {
    appliedMs.accumulateAndGet(appendTimeMs, AppendTimes::later);
  }

  /** The append time of an entry that is made now. */
  long next() {
    return later(appliedMs.get(), clock.millis());
  }

  /** {@code now}, unless {@code before} is a little later. */
  private static long later(long before, long now) {
    return before > now && before - FAR_MS <= now ? before : now;
  }
}
