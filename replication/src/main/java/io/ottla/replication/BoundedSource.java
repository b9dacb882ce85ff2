package io.ottla.replication;

import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * A source on another broker's disk, which may hang: it is asked on a thread of its own, and given
 * up when an answer takes too long. One owner at a time, who is never held up for longer.
 *
 * <p>What was given up is let go as soon as its disk answers. Until then its thread stays; the
 * owner asks {@link #hangs} before it makes another one for the same broker.
 */
final class BoundedSource implements ReplicaSource {
  private static final long LOOK_EVERY_MS = 100;

  private final int brokerId;
  private final long boundNanos;
  private final BooleanSupplier abandoned;
  private final ExecutorService thread;

  /** The source itself, once it has been opened. */
  private ReplicaSource opened;

  /** What was given up. */
  private Future<?> hanging;

  /** Finds the source; what it does may block. */
  interface Opening {
    Optional<ReplicaSource> open() throws IOException;
  }

  /** An answer took too long. */
  static final class SourceHangsException extends IOException {
    private static final long serialVersionUID = 1L;

    SourceHangsException(String message) {
      super(message);
    }
  }

  /**
   * It has no answer of its broker yet.
   *
   * @param boundNanos so long each answer may take
   * @param abandoned asked meanwhile: whether nobody needs an answer any more
   */
  BoundedSource(int brokerId, long boundNanos, BooleanSupplier abandoned) {
    this.brokerId = brokerId;
    this.boundNanos = boundNanos;
    this.abandoned = abandoned;
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("ottla-source-" + brokerId).factory());
  }

  /**
   * Opens it, or closes this when that broker has none.
   *
   * @return whether there is one now
   * @throws SourceHangsException when it takes too long; this is closed then, as on every failure
   */
  boolean open(Opening opening) throws IOException {
    try {
      opened =
          await(
              () -> {
                Optional<ReplicaSource> found = opening.open();
                return found.orElse(null);
              });
      return opened != null;
    } finally {
      if (opened == null) {
        close();
      }
    }
  }

  /** Whether what was given up has still no answer. */
  boolean hangs() {
    return hanging != null && !hanging.isDone();
  }

  @Override
  public Checkpoint checkpoint() {
    return opened.checkpoint();
  }

  @Override
  public int brokerId() {
    return brokerId;
  }

  /**
   * {@inheritDoc}
   *
   * @throws SourceHangsException when it takes too long; the target must not be used any more then:
   *     an answer that comes late is written into it
   */
  @Override
  public int read(PinnedFile file, ByteBuffer target, long positionBytes) throws IOException {
    return await(() -> opened.read(file, target, positionBytes));
  }

  private <T> T await(Callable<T> work) throws IOException {
    Future<T> answer = thread.submit(work);
    hanging = answer;
    long startedNanos = System.nanoTime();
    while (true) {
      try {
        return answer.get(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (abandoned.getAsBoolean()) {
          throw new IOException("abandoned", e);
        }
        if (System.nanoTime() - startedNanos > boundNanos) {
          throw new SourceHangsException("no answer from broker " + brokerId + ": its disk hangs");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  /** Lets go of it without waiting: after what is asked of it now. */
  @Override
  public void close() {
    Future<?> last = hanging;
    thread.execute(
        () -> {
          ReplicaSource found = opened == null ? openedLate(last) : opened;
          if (found != null) {
            found.close();
          }
        });
    thread.shutdown();
  }

  /** What an opening that was given up has found after all. */
  private static ReplicaSource openedLate(Future<?> opening) {
    return opening.state() == Future.State.SUCCESS
            && opening.resultNow() instanceof ReplicaSource found
        ? found
        : null;
  }
}
