package io.ottla.replication;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
      thread.start();
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
        joinUninterrupted(thread);
      }
    }
  }

  private static void joinUninterrupted(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Between two tries. */
  void pause() {
    LockSupport.parkNanos(this, PAUSE_NANOS);
  }

  /** Waits for a rebuilt replica to catch up, but not for ever. */
  void await(BooleanSupplier done) {
    long startedNanos = System.nanoTime();
    while (!done.getAsBoolean() && System.nanoTime() - startedNanos < CATCH_UP_NANOS) {
      pause();
    }
  }
}
