package io.ottla.broker;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Tells one thread that something changed; several calls before it looks are one. Thread-safe, with
 * one waiting thread.
 */
final class Nudge {
  private final Semaphore permits = new Semaphore(0);

  /** Something changed. Never blocks. */
  void give() {
    if (permits.availablePermits() == 0) {
      permits.release();
    }
  }

  /** Waits for a nudge since the last call, at most {@code limit}. */
  void await(Duration limit) throws InterruptedException {
    if (permits.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      permits.drainPermits();
    }
  }
}
