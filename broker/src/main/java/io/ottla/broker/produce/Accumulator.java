package io.ottla.broker.produce;

import io.ottla.broker.loop.Loop;
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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers what concurrent requests append to one data group into rounds: one round is one entry,
 * and one round is in flight at a time. Thread-safe.
 *
 * <h2>Always true</h2>
 *
 * A share is queued, then in a round, then settled; only a queued one can be withdrawn. It is
 * settled as not appended only if it was never submitted or the group says so. Every round settles
 * all its shares, whatever fails meanwhile, and the next round follows.
 *
 * <h2>Threads</h2>
 *
 * Callers queue and wait; a large share is compressed on its caller's thread. One virtual thread
 * per accumulator packs and submits the rounds and wakes the callers; no failure ends it. The lock
 * guards {@code queue}, {@code queuedBytes}, {@code wakeAtCount} and {@code closed}; nothing is
 * built, submitted or woken under it.
 *
 * <h2>Limits</h2>
 *
 * {@link AccumulatorLimits#maxQueuedBytes}; beyond it shares are refused and nothing is appended.
 */
public final class Accumulator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Accumulator.class);
  private static final int NEVER = Integer.MAX_VALUE;
  private static final String CLOSING = "the cluster is closing";

  /** How long a round is waited for when the accumulator is closed. */
  private static final Duration CLOSING_PATIENCE = Duration.ofSeconds(1);

  /** How long control commands are waited for. */
  private static final Duration CONTROL_PATIENCE = Duration.ofSeconds(30);

  private final ReplicationGroup group;
  private final AccumulatorLimits limits;
  private final BatchBuilders builders = new BatchBuilders();
  private final Linger linger = new Linger();
  private final Loop loop;

  /** When the round under way was begun, of {@link System#nanoTime}; null while there is none. */
  private volatile Long roundSinceNanos;

  /** Set from its submission to its outcome. */
  private volatile RoundUnderWay underWay;

  private final Object lock = new Object();
  private final ArrayDeque<Queued> queue = new ArrayDeque<>();
  private long queuedBytes;
  private int wakeAtCount = NEVER;
  private boolean closed;

  private Accumulator(ReplicationGroup group, AccumulatorLimits limits) {
    this.group = group;
    this.limits = limits;
    this.loop = Loop.on(Thread.ofVirtual(), "accumulator-" + group.number(), this::turn);
  }

  /** An accumulator that works until it is closed. */
  public static Accumulator start(ReplicationGroup group, AccumulatorLimits limits) {
    Accumulator accumulator = new Accumulator(group, limits);
    group.onLeadershipChange(accumulator::leadershipChanged);
    accumulator.loop.start();
    return accumulator;
  }

  /** Whether something waits for the round that is under way. */
  public boolean hasQueued() {
    synchronized (lock) {
      return !queue.isEmpty();
    }
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
    return queue(commands).outcome();
  }

  /**
   * The same, and waits for what becomes of them, for half a minute at most. Commands that still
   * wait for their round then are withdrawn.
   */
  public ControlOutcome submitAndAwait(List<? extends DataCommand> commands) {
    PendingControl pending = queue(commands);
    return pending.await(CONTROL_PATIENCE, () -> withdraw(pending));
  }

  private PendingControl queue(List<? extends DataCommand> commands) {
    PendingControl pending = new PendingControl(commands);
    if (pending.sizeBytes() > limits.fullRoundBytes()) {
      throw new IllegalStateException("too many commands at once: " + commands.size());
    }
    admit(List.of(pending));
    return pending;
  }

  /**
   * How long the round under way has been so; zero if there is none. A round takes milliseconds: if
   * it takes many seconds, nothing can be appended to the group.
   */
  public Duration roundAge() {
    Long since = roundSinceNanos;
    return since == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
  }

  /** Whether rounds are still made. */
  public boolean isAlive() {
    return loop.isAlive();
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
      loop.unpark();
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
  boolean withdraw(Queued pending) {
    synchronized (lock) {
      boolean found = queue.remove(pending);
      if (found) {
        queuedBytes -= pending.sizeBytes();
      }
      return found;
    }
  }

  /** One round, or none: those who waited for it may have withdrawn. False when closed. */
  private boolean turn() {
    List<Queued> round = nextRound();
    if (!round.isEmpty()) {
      send(round);
    }
    int queued;
    boolean goesOn;
    synchronized (lock) {
      queued = queue.size();
      goesOn = !closed || queued > 0;
    }
    if (!round.isEmpty()) {
      linger.roundDone(round.size(), queued);
    }
    return goesOn;
  }

  /** Waits for a round; empty when closed, or when all was withdrawn meanwhile. */
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

  /** Settles all of the round, each share once, whatever happens. */
  private void send(List<Queued> round) {
    // What leaves it is its caller's again, who may have queued it once more by now.
    ArrayDeque<Queued> owed = new ArrayDeque<>(round);
    boolean[] submitted = new boolean[1];
    roundSinceNanos = System.nanoTime();
    try {
      sendOrFail(owed, submitted);
    } catch (RuntimeException | Error e) {
      // Nothing is appended before it is submitted; afterwards nobody knows.
      settleAll(
          owed,
          submitted[0]
              ? item -> item.unknown("an internal error")
              : item -> item.notAppended(Reason.FAILED, "an internal error"));
      LOG.error("round failed: group={} shares={}", group.number(), round.size(), e);
    } finally {
      roundSinceNanos = null;
      underWay = null;
    }
  }

  private void sendOrFail(ArrayDeque<Queued> owed, boolean[] submitted) {
    Optional<Leadership> leadership = group.leadership();
    if (leadership.isEmpty()) {
      settleAll(owed, item -> item.notAppended(Reason.NO_LEADER, "the partition has no leader"));
      return;
    }
    long term = leadership.get().term();
    refuseOthersOf(term, owed);
    if (owed.isEmpty()) {
      return;
    }
    ByteBuffer payload = Round.pack(List.copyOf(owed), builders);
    submitted[0] = true;
    settle(owed, await(new RoundUnderWay(term, group.submit(term, payload))));
  }

  /** Refuses what is not to be decided under that term; the rest stays, in order. */
  private static void refuseOthersOf(long term, ArrayDeque<Queued> owed) {
    for (int left = owed.size(); left > 0; left--) {
      if (owed.peek().accepts(term)) {
        owed.add(owed.poll());
      } else {
        owed.peek().notAppended(Reason.TERM_CHANGED, "the leader has changed");
        owed.poll();
      }
    }
  }

  private static void settleAll(ArrayDeque<Queued> owed, Consumer<Queued> settlement) {
    while (!owed.isEmpty()) {
      settlement.accept(owed.peek());
      owed.poll();
    }
  }

  /**
   * Waits for a round's outcome: for as long as its leader leads, as more rounds would only wait
   * behind it, but not for one that a newer leader knows nothing of, nor when closed.
   */
  private Outcome await(RoundUnderWay round) {
    underWay = round;
    // What happened before others could see the round is looked at here.
    if (isClosed()) {
      round.giveUpAfter(CLOSING_PATIENCE);
    }
    leadershipChanged();
    return round.await();
  }

  /** A round of an older term is waited for a little longer. */
  private void leadershipChanged() {
    RoundUnderWay round = underWay;
    if (round != null && leadsLaterThan(round.term())) {
      round.giveUpAfter(limits.oldTermPatience());
    }
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  private boolean leadsLaterThan(long term) {
    return group.leadership().filter(now -> now.term() > term).isPresent();
  }

  private static void settle(ArrayDeque<Queued> owed, Outcome outcome) {
    switch (outcome) {
      case Outcome.Applied applied -> {
        List<DataResult> results;
        try {
          results = DataResults.decode(applied.result());
        } catch (CorruptEntryException e) {
          throw new IllegalStateException("a result of our own cannot be read", e);
        }
        settleAll(owed, item -> item.applied(results));
      }
      case Outcome.NotAppended notAppended ->
          settleAll(owed, item -> item.notAppended(Reason.NO_LEADER, notAppended.reason()));
      case Outcome.Unknown unknown -> settleAll(owed, item -> item.unknown(unknown.reason()));
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
    left.forEach(item -> item.notAppended(Reason.CLOSED, CLOSING));
    RoundUnderWay round = underWay;
    if (round != null) {
      round.giveUpAfter(CLOSING_PATIENCE);
    }
    loop.unpark();
  }
}
