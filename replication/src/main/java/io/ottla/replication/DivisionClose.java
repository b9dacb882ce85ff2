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
 * that it was for is the end of a thread that ends by itself once the lock is free.
 */
final class DivisionClose {
  private static final Logger log = LoggerFactory.getLogger(DivisionClose.class);

  /** Nobody evicts for so long. */
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final RaftServer.Division division;
  private final Thread thread;
  private final long startedNanos = System.nanoTime();
  private boolean freed;

  private DivisionClose(RaftServer.Division division) {
    this.division = division;
    this.thread = Thread.ofPlatform().name("ottla-close").start(this::close);
  }

  static DivisionClose start(RaftServer.Division division) {
    return new DivisionClose(division);
  }

  private void close() {
    try {
      division.close();
    } catch (RuntimeException | Error e) {
      log.warn("a replica did not close cleanly: {}", division, e);
    }
  }

  boolean isDone() {
    return !thread.isAlive();
  }

  /** Does what it may need from others to come to its end; to be called again and again. */
  void help() {
    if (division.getStateMachine() instanceof JournalledState state) {
      state.wake(division::getRaftLog);
    }
    if (!freed && System.nanoTime() - startedNanos > STUCK_NANOS && isStuck()) {
      log.warn("closing a replica stood still, its wait for the cache is ended: {}", division);
      thread.interrupt();
      freed = true;
    }
  }

  private boolean isStuck() {
    return thread.getState() == Thread.State.WAITING
        && Arrays.stream(thread.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(AwaitToRun.class.getName()));
  }
}
