package io.ottla.replication;

import io.ottla.replication.journal.Uninterrupted;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A broker's one thread for what must not hold up replication: checkpoints, purges, balancing.
 * Thread-safe. It is never interrupted: it may be inside file I/O.
 */
final class Chores {
  private final ScheduledExecutorService thread;
  private final Consumer<Throwable> onFailed;
  private volatile boolean underWay;
  private final AtomicLong begun = new AtomicLong();

  /** A piece of work. */
  @FunctionalInterface
  interface Chore {
    void run() throws IOException;
  }

  Chores(int brokerId, Consumer<Throwable> onFailed) {
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("ottla-chores-" + brokerId).factory());
    this.onFailed = onFailed;
  }

  /** Does it again and again; its first failure, of any kind, is told and is the last. */
  void every(long periodMs, Chore chore) {
    var _ =
        thread.scheduleWithFixedDelay(
            () -> {
              try {
                watched(
                    () -> {
                      chore.run();
                      return null;
                    });
              } catch (Throwable e) {
                onFailed.accept(e);
                throw new IllegalStateException(e);
              }
            },
            periodMs,
            periodMs,
            TimeUnit.MILLISECONDS);
  }

  /** Does it once and waits for it. */
  <T> T call(Callable<T> work) throws IOException {
    try {
      return thread.submit(() -> watched(work)).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (RejectedExecutionException e) {
      throw new IOException("broker is closed", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Of the one thread. */
  private <T> T watched(Callable<T> work) throws Exception {
    begun.incrementAndGet();
    underWay = true;
    try {
      return work.call();
    } finally {
      underWay = false;
    }
  }

  /** Which piece of work is under way; empty while none is. Never blocks. */
  OptionalLong step() {
    return underWay ? OptionalLong.of(begun.get()) : OptionalLong.empty();
  }

  /** Waits until what runs is done; nothing runs afterwards. */
  void close() {
    thread.shutdown();
    Uninterrupted.await(
        () -> {
          while (!thread.awaitTermination(1, TimeUnit.DAYS)) {
            // it is never given up
          }
        });
  }
}
