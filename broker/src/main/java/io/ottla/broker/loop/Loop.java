package io.ottla.broker.loop;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that takes one turn after the other, until a turn says that it was the last one. Others
 * wait for what it does, so nothing else ends it: whatever a turn throws is logged, an {@link
 * Error} and an interrupt too, and after a pause the next turn begins. Thread-safe.
 */
public final class Loop {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final String name;
  private final Turn turn;
  private final Thread thread;

  /** A turn of a loop. */
  @FunctionalInterface
  public interface Turn {
    /**
     * Takes it; it leaves nothing half done that the next one stumbles over, also if it throws.
     *
     * @return whether there is another one
     */
    boolean take() throws InterruptedException;
  }

  private Loop(Thread.Builder thread, String name, Turn turn) {
    this.name = name;
    this.turn = turn;
    this.thread = thread.name(name).unstarted(this::run);
  }

  /** A loop on a thread of this kind and name; it has to be started. */
  public static Loop on(Thread.Builder thread, String name, Turn turn) {
    return new Loop(thread, name, turn);
  }

  /** Begins; once. */
  public void start() {
    thread.start();
  }

  /** Wakes a turn that has parked its thread. */
  public void unpark() {
    LockSupport.unpark(thread);
  }

  /** Whether it goes on. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        if (!turn.take()) {
          return;
        }
        pause = FIRST_PAUSE;
      } catch (InterruptedException | RuntimeException | Error e) {
        complain(e);
        LockSupport.parkNanos(pause.toNanos());
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
      }
    }
  }

  private void complain(Throwable failure) {
    try {
      LOG.error("failed, and tried again: loop={}", name, failure);
    } catch (RuntimeException | Error e) {
      // What cannot be said must not end what has to go on.
    }
  }
}
