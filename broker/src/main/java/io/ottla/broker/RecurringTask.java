package io.ottla.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that is run again and again, with a pause before each run. One that fails is tried again
 * after the next pause: a replica that closes under it must not end it. Thread-safe; the task runs
 * on one thread of its own, which is never interrupted.
 */
final class RecurringTask implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecurringTask.class);

  private final String name;
  private final Duration pause;
  private final Runnable task;
  private final CountDownLatch closed = new CountDownLatch(1);

  RecurringTask(String name, Duration pause, Runnable task) {
    this.name = name;
    this.pause = pause;
    this.task = task;
  }

  /** Begins, on a thread of this kind. */
  void start(Thread.Builder thread) {
    thread.name(name).start(this::run);
  }

  private void run() {
    try {
      while (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          task.run();
        } catch (RuntimeException e) {
          LOG.error("task failed: name={}", name, e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  /** No run begins any more; one under way goes on. */
  @Override
  public void close() {
    closed.countDown();
  }
}
