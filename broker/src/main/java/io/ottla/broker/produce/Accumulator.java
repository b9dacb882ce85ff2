package io.ottla.broker.produce;

import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.store.CorruptEntryException;
import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.DataResult;
import io.ottla.broker.store.DataResults;
import io.ottla.log.RecordBatch;
import io.ottla.replication.ReplicationGroup;
import io.ottla.replication.ReplicationGroup.Leadership;
import io.ottla.replication.ReplicationGroup.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers what concurrent requests append to one data group into rounds: one round is one entry,
 * and one round is in flight at a time. Thread-safe.
 *
 * <h2>Always true</h2>
 *
 * A share is queued, then in a round, then settled; only a queued one can be withdrawn. It is
 * settled as not appended only if it was never submitted or the group says so.
 *
 * <h2>Threads</h2>
 *
 * Callers queue and wait; a large share is compressed on its caller's thread. One virtual thread
 * per accumulator packs and submits the rounds and wakes the callers. The lock guards {@code
 * queue}, {@code queuedBytes}, {@code wakeAtCount} and {@code closed}; nothing is built, submitted
 * or woken under it.
 *
 * <h2>Limits</h2>
 *
 * {@link AccumulatorLimits#maxQueuedBytes}; beyond it shares are refused and nothing is appended.
 */
public final class Accumulator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Accumulator.class);
  private static final int NEVER = Integer.MAX_VALUE;
  private static final String CLOSING = "the cluster is closing";

  private final ReplicationGroup group;
  private final AccumulatorLimits limits;
  private final BatchBuilders builders = new BatchBuilders();
  private final Linger linger = new Linger();
  private final Thread thread;

  private final Object lock = new Object();
  private final ArrayDeque<Queued> queue = new ArrayDeque<>();
  private long queuedBytes;
  private int wakeAtCount = NEVER;
  private boolean closed;

  private Accumulator(ReplicationGroup group, AccumulatorLimits limits) {
    this.group = group;
    this.limits = limits;
    this.thread = Thread.ofVirtual().name("accumulator-" + group.number()).unstarted(this::run);
  }

  /** An accumulator that works until it is closed. */
  public static Accumulator start(ReplicationGroup group, AccumulatorLimits limits) {
    Accumulator accumulator = new Accumulator(group, limits);
    accumulator.thread.start();
    return accumulator;
  }

  /** Prepares a share and queues it. */
  public PendingAppend append(Share share) {
    PendingAppend pending = prepare(share);
    if (!pending.isSettled()) {
      enqueue(List.of(pending));
    }
    return pending;
  }

  /**
   * Prepares a share: a large one, or one with a claim, is built and compressed. One that is too
   * large comes back settled.
   */
  public PendingAppend prepare(Share share) {
    long recordsBytes = BatchBuilders.recordsBytes(share.events());
    if (recordsBytes > RecordBatch.MAX_UNCOMPRESSED_BYTES) {
      return tooLarge(share);
    }
    ByteBuffer batch = null;
    int sizeBytes = (int) recordsBytes;
    if (recordsBytes >= AccumulatorLimits.BUILD_ALONE_BYTES || share.claim().isPresent()) {
      batch = builders.build(share);
      sizeBytes = batch.remaining();
      if (sizeBytes > limits.maxShareBytes()) {
        return tooLarge(share);
      }
    }
    return new PendingAppend(
        this, share, sizeBytes + AccumulatorLimits.COMMAND_OVERHEAD_BYTES, batch);
  }

  /**
   * Queues prepared shares, or once more ones that were not appended or have a claim, for the same
   * round if they fit; what becomes of them is learned by {@link PendingAppend#await}. Never
   * blocks.
   */
  public void enqueue(List<PendingAppend> shares) {
    for (int i = 0; i < shares.size(); i++) {
      shares.get(i).reset();
    }
    admit(shares);
  }

  private PendingAppend tooLarge(Share share) {
    PendingAppend refused = new PendingAppend(this, share, 0, null);
    refused.notAppended(
        Reason.TOO_LARGE,
        "the events for partition "
            + share.partition()
            + " take more than "
            + limits.maxShareBytes()
            + " bytes, compressed");
    return refused;
  }

  /**
   * Queues control commands, to be done together; at most {@link AccumulatorLimits#fullRoundBytes}.
   */
  public CompletableFuture<ControlOutcome> submit(List<? extends DataCommand> commands) {
    PendingControl pending = new PendingControl(commands);
    if (pending.sizeBytes() > limits.fullRoundBytes()) {
      throw new IllegalStateException("too many commands at once: " + commands.size());
    }
    admit(List.of(pending));
    return pending.outcome();
  }

  private void admit(List<? extends Queued> items) {
    boolean wake = false;
    int admitted = 0;
    Reason refusal = Reason.OVERLOADED;
    synchronized (lock) {
      if (closed) {
        refusal = Reason.CLOSED;
      } else {
        while (admitted < items.size() && fits(items.get(admitted))) {
          Queued item = items.get(admitted++);
          queue.add(item);
          queuedBytes += item.sizeBytes();
        }
      }
      if (wakeAtCount != NEVER && isEnough(wakeAtCount)) {
        wakeAtCount = NEVER;
        wake = true;
      }
    }
    if (wake) {
      LockSupport.unpark(thread);
    }
    for (int i = admitted; i < items.size(); i++) {
      items
          .get(i)
          .notAppended(
              refusal, refusal == Reason.CLOSED ? CLOSING : "too much waits to be appended");
    }
  }

  private boolean fits(Queued item) {
    return queuedBytes + item.sizeBytes() <= limits.maxQueuedBytes();
  }

  /** Takes a share out of the queue; false if it is not there any more. */
  boolean withdraw(PendingAppend pending) {
    synchronized (lock) {
      boolean found = queue.remove(pending);
      if (found) {
        queuedBytes -= pending.sizeBytes();
      }
      return found;
    }
  }

  private void run() {
    List<Queued> round = nextRound();
    while (!round.isEmpty()) {
      send(round);
      int queued;
      synchronized (lock) {
        queued = queue.size();
      }
      linger.roundDone(round.size(), queued);
      round = nextRound();
    }
  }

  /** Waits for a round; empty when closed. */
  private List<Queued> nextRound() {
    awaitQueued(1, Long.MAX_VALUE);
    int target = linger.target();
    if (target > 1) {
      awaitQueued(target, limits.maxLinger().toNanos());
    }
    List<Queued> round = new ArrayList<>();
    int roundBytes = 0;
    synchronized (lock) {
      while (!queue.isEmpty()) {
        int sizeBytes = queue.peek().sizeBytes();
        if (!round.isEmpty() && roundBytes + sizeBytes > limits.fullRoundBytes()) {
          break;
        }
        round.add(queue.poll());
        roundBytes += sizeBytes;
        queuedBytes -= sizeBytes;
      }
    }
    return round;
  }

  private void awaitQueued(int count, long maxNanos) {
    synchronized (lock) {
      if (isEnough(count)) {
        return;
      }
      wakeAtCount = count;
    }
    long startNanos = System.nanoTime();
    while (true) {
      long remainingNanos = maxNanos - (System.nanoTime() - startNanos);
      if (remainingNanos > 0) {
        LockSupport.parkNanos(this, remainingNanos);
      }
      synchronized (lock) {
        if (isEnough(count) || remainingNanos <= 0) {
          wakeAtCount = NEVER;
          return;
        }
        wakeAtCount = count;
      }
    }
  }

  private boolean isEnough(int count) {
    return closed || queue.size() >= count || queuedBytes >= limits.fullRoundBytes();
  }

  private void send(List<Queued> round) {
    try {
      Optional<Leadership> leadership = group.leadership();
      if (leadership.isEmpty()) {
        refuse(round, Reason.NO_LEADER, "the partition has no leader");
        return;
      }
      long term = leadership.get().term();
      List<Queued> accepted = accepted(round, term);
      if (!accepted.isEmpty()) {
        settle(accepted, group.submit(term, Round.pack(accepted, builders)).join());
      }
    } catch (RuntimeException e) {
      LOG.error("round failed: group={} shares={}", group.number(), round.size(), e);
      for (Queued item : round) {
        item.unknown("an internal error");
      }
    }
  }

  private static List<Queued> accepted(List<Queued> round, long term) {
    List<Queued> accepted = new ArrayList<>(round.size());
    for (Queued item : round) {
      if (item.accepts(term)) {
        accepted.add(item);
      } else {
        item.notAppended(Reason.TERM_CHANGED, "the leader has changed");
      }
    }
    return accepted;
  }

  private void settle(List<Queued> round, Outcome outcome) {
    switch (outcome) {
      case Outcome.Applied applied -> {
        List<DataResult> results;
        try {
          results = DataResults.decode(applied.result());
        } catch (CorruptEntryException e) {
          throw new IllegalStateException("a result of our own cannot be read", e);
        }
        for (Queued item : round) {
          item.applied(results);
        }
      }
      case Outcome.NotAppended notAppended -> refuse(round, Reason.NO_LEADER, notAppended.reason());
      case Outcome.Unknown unknown -> {
        for (Queued item : round) {
          item.unknown(unknown.reason());
        }
      }
    }
  }

  private static void refuse(List<Queued> round, Reason reason, String detail) {
    for (Queued item : round) {
      item.notAppended(reason, detail);
    }
  }

  /** Refuses what is queued and all that comes; a round in flight is still answered. */
  @Override
  public void close() {
    List<Queued> left;
    synchronized (lock) {
      closed = true;
      left = new ArrayList<>(queue);
      queue.clear();
      queuedBytes = 0;
    }
    refuse(left, Reason.CLOSED, CLOSING);
    LockSupport.unpark(thread);
  }
}
