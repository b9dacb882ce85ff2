package io.ottla.replication;

import io.ottla.replication.journal.Uninterrupted;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A broker's rebuilds under way, one at a time for each group. Thread-safe. */
final class RebuildThreads {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long CATCH_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Map<Integer, Thread> running = new HashMap<>();

  /** Does nothing if that group is being rebuilt already. */
  synchronized void start(int brokerId, int group, Runnable rebuild) {
    if (!running.containsKey(group)) {
      Thread thread =
          Thread.ofPlatform()
              .daemon()
              .name("ottla-rebuild-" + brokerId + "-" + group)
              .unstarted(
                  () -> {
                    try {
                      rebuild.run();
                    } finally {
                      forget(group);
                    }
                  });
      running.put(group, thread);
      try {
        thread.start();
      } catch (Throwable e) {
        running.remove(group);
        throw e;
      }
    }
  }

  private synchronized void forget(int group) {
    running.remove(group);
  }

  /** Waits until all have noticed the broker's end. */
  void join() {
    List<Thread> threads;
    synchronized (this) {
      threads = List.copyOf(running.values());
    }
    for (Thread thread : threads) {
      if (thread != Thread.currentThread()) {
        Uninterrupted.await(thread::join);
      }
    }
  }

  /** The pauses between the tries of one rebuild. */
  Pauses pauses(Duration longest) {
    return new Pauses(longest.toNanos());
  }

  /** Waits for a rebuilt replica to catch up, but not for ever. */
  void await(BooleanSupplier done) {
    await(done, CATCH_UP_NANOS);
  }

  private void await(BooleanSupplier done, long mostNanos) {
    long startedNanos = System.nanoTime();
    long leftNanos = mostNanos;
    while (!done.getAsBoolean() && leftNanos > 0) {
      LockSupport.parkNanos(this, Math.min(leftNanos, PAUSE_NANOS));
      leftNanos = mostNanos - (System.nanoTime() - startedNanos);
    }
  }

  /** Pauses that double up to a longest one. One owner. */
  final class Pauses {
    private final long longestNanos;
    private long nanos = PAUSE_NANOS;

    private Pauses(long longestNanos) {
      this.longestNanos = longestNanos;
    }

    /** Waits a little less or more than twice as long as the last time; ends at once when told. */
    void next(BooleanSupplier ended) {
      await(ended, ThreadLocalRandom.current().nextLong(nanos / 2, nanos + 1));
      nanos = Math.min(nanos * 2, longestNanos);
    }
  }
}
