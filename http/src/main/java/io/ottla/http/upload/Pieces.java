package io.ottla.http.upload;

import io.ottla.broker.produce.ProduceStream.NumberedEvent;
import io.ottla.http.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The hand-over of an upload's events from the thread that reads them to the one that commits them.
 * While a piece is committed the next one gathers, up to a bound at which the reader waits: so
 * pieces grow with the load, and what trickles in is committed at once. Thread-safe, for one reader
 * and one committer.
 */
final class Pieces {
  private static final int FULL_BYTES = 1024 * 1024;
  private static final int FULL_EVENTS = 16 * 1024;

  private final UploadMemory memory;
  private final ReentrantLock lock = new ReentrantLock();

  /** Something has gathered, or the end has come. */
  private final Condition gathered = lock.newCondition();

  /** A piece was taken or committed, or nobody wants any more. */
  private final Condition moved = lock.newCondition();

  // Guarded by the lock, as is all that follows.
  private List<NumberedEvent> events = new ArrayList<>();
  private int eventsBytes;
  private long heldBytes;
  private boolean committing;
  private boolean ended;
  private boolean stopped;
  private Problem problem;

  /**
   * What is committed together.
   *
   * @param heldBytes of memory that nothing needs any more when the piece is committed
   */
  record Piece(List<NumberedEvent> events, long heldBytes) {}

  Pieces(UploadMemory memory) {
    this.memory = memory;
  }

  /**
   * Adds events to the next piece; the reader's. Waits while that has no room for them; an empty
   * one has.
   *
   * @param bytes their lines' sizes
   * @param held what was taken for them
   */
  void put(List<NumberedEvent> more, int bytes, long held) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!stopped && !events.isEmpty() && !hasRoom(more.size(), bytes)) {
        moved.await();
      }
      events.addAll(more);
      eventsBytes += bytes;
      heldBytes += held;
      gathered.signal();
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(int moreEvents, int moreBytes) {
    return eventsBytes + moreBytes <= FULL_BYTES && events.size() + moreEvents <= FULL_EVENTS;
  }

  /** So much is not needed any more once all that was put is committed; the reader's. */
  void release(long held) {
    lock.lock();
    try {
      if (isIdle()) {
        memory.give(held);
      } else {
        heldBytes += held;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether all that was put is committed, so that nobody looks at its bytes any more; the
   * reader's. A piece whose outcome is not known never is: it may still be on its way.
   */
  boolean isIdle() {
    lock.lock();
    try {
      return events.isEmpty() && !committing;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all that was put is committed, or nobody takes any more; the reader's. */
  void awaitIdle() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!stopped && !isIdle()) {
        moved.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Nothing more will be put; the reader's.
   *
   * @param why the rest of the body is not read; null at its end
   */
  void end(Problem why) {
    lock.lock();
    try {
      problem = why;
      ended = true;
      gathered.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The next piece; null if the end has come, or if there is none in time. The committer's. */
  Piece take(Duration longest) throws InterruptedException {
    long leftNanos = longest.toNanos();
    lock.lockInterruptibly();
    try {
      while (events.isEmpty()) {
        if (ended || leftNanos <= 0) {
          return null;
        }
        leftNanos = gathered.awaitNanos(leftNanos);
      }
      Piece piece = new Piece(events, heldBytes);
      events = new ArrayList<>(events.size());
      eventsBytes = 0;
      heldBytes = 0;
      committing = true;
      moved.signal();
      return piece;
    } finally {
      lock.unlock();
    }
  }

  /** The piece that was taken is committed; the committer's. */
  void committed(Piece piece) {
    memory.give(piece.heldBytes());
    lock.lock();
    try {
      committing = false;
      moved.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether all that there will ever be was taken; the committer's. */
  boolean areOver() {
    lock.lock();
    try {
      return ended && events.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Why the rest of the body is not read; null if all of it is there. Known once it has ended. */
  Problem problem() {
    lock.lock();
    try {
      return problem;
    } finally {
      lock.unlock();
    }
  }

  /** Nobody will take any more; the committer's. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      moved.signal();
    } finally {
      lock.unlock();
    }
  }
}
