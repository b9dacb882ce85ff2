package io.ottla.replication;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.AwaitToRun;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The close of one of Ratis' replicas, on a thread of its own. One owner.
 *
 * <p>Ratis holds the journal's lock while it waits for the thread that evicts entries from its
 * cache. If that one is just about to take the lock, each waits for the other for ever: so it is
 * when closing had to wait for the lock, as a hung disk makes it. Then the wait is interrupted; all
 * that it was for is the end of a thread that ends by itself once the lock is free. As Ratis does
 * not wait for the journal's own thread after an interruption, this does, for as long as Ratis
 * would: two brokers must not write one journal.
 */
final class DivisionClose {
  private static final Logger log = LoggerFactory.getLogger(DivisionClose.class);

  /** Nobody evicts for so long. */
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So long Ratis waits for a journal's thread. */
  private static final long WRITER_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final RaftServer.Division division;
  private final long writerNanos;
  private final Thread thread;

  /** Since when it is seen waiting for the eviction; null while it is not. */
  private Long stuckNanos;

  /** When the wait was interrupted; null if it was not. */
  private Long freedNanos;

  private DivisionClose(RaftServer.Division division, long writerNanos) {
    this.division = division;
    this.writerNanos = writerNanos;
    this.thread = Thread.ofPlatform().name("ottla-close").start(this::close);
  }

  static DivisionClose start(RaftServer.Division division) {
    return start(division, WRITER_NANOS);
  }

  /** The same with another limit for the journal's own thread. */
  static DivisionClose start(RaftServer.Division division, long writerNanos) {
    return new DivisionClose(division, writerNanos);
  }

  private void close() {
    try {
      division.close();
    } catch (RuntimeException | Error e) {
      log.warn("a replica did not close cleanly: {}", division, e);
    }
  }

  boolean isDone() {
    return !thread.isAlive()
        && (freedNanos == null
            || System.nanoTime() - freedNanos > writerNanos
            || !(division.getStateMachine() instanceof JournalledState state)
            || state.isWriterGone());
  }

  /** Does what it may need from others to come to its end; to be called again and again. */
  void help() {
    if (division.getStateMachine() instanceof JournalledState state) {
      state.wake(division::getRaftLog);
    }
    if (freedNanos == null) {
      freeIfStuck(System.nanoTime());
    }
  }

  private void freeIfStuck(long nowNanos) {
    if (!isStuck()) {
      stuckNanos = null;
    } else if (stuckNanos == null) {
      stuckNanos = nowNanos;
    } else if (nowNanos - stuckNanos > STUCK_NANOS) {
      log.warn("closing a replica stood still, its wait for the cache is ended: {}", division);
      thread.interrupt();
      freedNanos = nowNanos;
    }
  }

  private boolean isStuck() {
    return thread.getState() == Thread.State.WAITING
        && Arrays.stream(thread.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(AwaitToRun.class.getName()));
  }
}
