package io.ottla.broker.loop;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A task that is run again and again, with a pause before each run. One that fails is tried again
 * after the next pause: a replica that closes under it must not end it. Thread-safe; the task runs
 * on one thread of its own, which is never interrupted.
 */
public final class RecurringTask implements AutoCloseable {
  private final String name;
  private final Duration pause;
  private final Runnable task;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** A task that has to be started. */
  public RecurringTask(String name, Duration pause, Runnable task) {
    this.name = name;
    this.pause = pause;
    this.task = task;
  }

  /** Begins, on a thread of this kind. */
  public void start(Thread.Builder thread) {
    Loop.on(thread, name, this::turn).start();
  }

  private boolean turn() throws InterruptedException {
    if (closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
      return false;
    }
    task.run();
    return true;
  }

  /** Whether no run begins any more. */
  public boolean isClosed() {
    return closed.getCount() == 0;
  }

  /** No run begins any more; one under way goes on. */
  @Override
  public void close() {
    closed.countDown();
  }
}
