package io.ottla.broker.produce;

import io.ottla.broker.produce.AppendOutcome.Appended;
import io.ottla.broker.produce.AppendOutcome.Known;
import io.ottla.broker.produce.AppendOutcome.NotAppended;
import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.produce.AppendOutcome.Unknown;
import io.ottla.broker.produce.Share.Condition;
import io.ottla.broker.store.DataResult;
import io.ottla.broker.store.SequenceProgress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A share on its way. One thread at a time may {@link #await} it; the accumulator settles it.
 *
 * <p>A bare park and unpark: a round wakes hundreds of waiters at once. With 256 virtual threads on
 * two cores a wait costs 0.6 µs of CPU, with a {@code CompletableFuture} 0.9.
 */
public final class PendingAppend extends Queued {
  private final Accumulator accumulator;
  private final Share share;
  private final int sizeBytes;

  /** The finished batch of a share that was large enough to be built alone, else null. */
  private final ByteBuffer batch;

  /** Which record of its batch is its first one; set when it is packed. */
  private int firstRecord;

  private volatile AppendOutcome outcome;
  private volatile Thread waiter;

  PendingAppend(Accumulator accumulator, Share share, int sizeBytes, ByteBuffer batch) {
    this.accumulator = accumulator;
    this.share = share;
    this.sizeBytes = sizeBytes;
    this.batch = batch;
  }

  /**
   * Waits for the outcome, at most until the share's deadline; an interrupt ends the wait too and
   * stays set. A share that still waits for its round then is withdrawn and certainly not appended.
   */
  public AppendOutcome await() {
    waiter = Thread.currentThread();
    try {
      while (outcome == null) {
        long remainingNanos = share.deadlineNanos() - System.nanoTime();
        if (remainingNanos <= 0 || Thread.currentThread().isInterrupted()) {
          return expire();
        }
        LockSupport.parkNanos(this, remainingNanos);
      }
      return outcome;
    } finally {
      waiter = null;
    }
  }

  private AppendOutcome expire() {
    if (accumulator.withdraw(this)) {
      notAppended(Reason.TIMED_OUT, "the time is over and it had not been sent");
    }
    AppendOutcome known = outcome;
    return known != null ? known : new Unknown("not committed in time");
  }

  /** Whether the outcome is there. */
  public boolean isSettled() {
    return outcome != null;
  }

  /** It goes into the queue: what was said before no longer holds. */
  void reset() {
    boolean repeatable = outcome instanceof Unknown && share.claim().isPresent();
    if (outcome != null && !(outcome instanceof NotAppended) && !repeatable) {
      throw new IllegalStateException("a share may be queued again only if that is safe");
    }
    outcome = null;
  }

  Share share() {
    return share;
  }

  ByteBuffer batch() {
    return batch;
  }

  void firstRecordAt(int index) {
    firstRecord = index;
  }

  @Override
  int sizeBytes() {
    return sizeBytes;
  }

  @Override
  boolean accepts(long term) {
    return !(share.condition() instanceof Condition.Term(long required)) || required == term;
  }

  @Override
  void applied(List<DataResult> results) {
    switch (results.get(commandIndex())) {
      case DataResult.Appended(long baseOffset) -> settle(new Appended(baseOffset + firstRecord));
      case DataResult.NoSuchPartition() ->
          notAppended(Reason.NO_SUCH_PARTITION, "the partition does not exist");
      case DataResult.InvalidBatch() ->
          notAppended(Reason.INVALID_BATCH, "the batch is not well-formed");
      case DataResult.Sequence(SequenceProgress progress) -> settle(new Known(progress));
      case DataResult.SequenceTooOld() ->
          notAppended(Reason.SEQUENCE_TOO_OLD, "what became of this sequence is forgotten");
      case DataResult.ProducerExpired() ->
          notAppended(
              Reason.PRODUCER_EXPIRED, "the producer was idle for too long and is forgotten");
      case DataResult.Done(), DataResult.NotCompacted() ->
          throw new IllegalStateException("not the answer to an append");
    }
  }

  @Override
  void notAppended(Reason reason, String detail) {
    settle(new NotAppended(reason, detail));
  }

  @Override
  void unknown(String detail) {
    settle(new Unknown(detail));
  }

  private void settle(AppendOutcome settled) {
    if (outcome == null) {
      outcome = settled;
      LockSupport.unpark(waiter);
    }
  }
}
