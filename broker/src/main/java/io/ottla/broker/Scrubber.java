package io.ottla.broker;

import io.ottla.broker.loop.RecurringTask;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.broker.store.PartitionStore;
import io.ottla.log.LogRepair;
import io.ottla.log.LogRepair.ScrubPoint;
import io.ottla.log.LogRepair.Scrubbed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all that a cluster's replicas hold, slowly, one after the other and again and again, so
 * that rot is found while another replica still has the bytes, and repaired. What is damaged
 * already is tried again now and then, whatever else there is to do.
 *
 * <p>One platform thread of its own; {@link #step} may be called by another one while it is not
 * started. Where it is stands in memory only: after a restart it begins anew.
 */
final class Scrubber implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** Small logs need not be read all the time. */
  private static final long ROUND_NANOS = Duration.ofSeconds(20).toNanos();

  private static final long RETRY_NANOS = Duration.ofSeconds(5).toNanos();

  /** Even under load it goes on, at this part of its pace. */
  private static final int STEPS_UNDER_LOAD = 20;

  private final Supplier<Collection<PartitionStore>> stores;
  private final BooleanSupplier busy;
  private final ScrubPace pace;
  private final RecurringTask task;
  private final Deque<PartitionReplica> toDo = new ArrayDeque<>();
  private Optional<ScrubPoint> next = Optional.empty();
  private long roundAtNanos = System.nanoTime() - ROUND_NANOS;
  private long retriedAtNanos = System.nanoTime() - RETRY_NANOS;
  private int passedOver;
  private volatile Counts counts = new Counts(0, 0, 0, 0);

  /**
   * What was found since the process started. Immutable.
   *
   * @param rounds over all replicas, those under way not counted
   * @param bytes read
   * @param damaged stretches that were found, a second time if they were still there
   * @param repaired stretches that are whole again
   */
  record Counts(long rounds, long bytes, long damaged, long repaired) {}

  /**
   * A scrubber that has not begun.
   *
   * @param stores all replicas of this process, also those that do not lead
   * @param busy whether clients are waiting for the disk
   */
  Scrubber(
      String cluster,
      Supplier<Collection<PartitionStore>> stores,
      BooleanSupplier busy,
      ScrubPace pace) {
    this.stores = stores;
    this.busy = busy;
    this.pace = pace;
    this.task = new RecurringTask("scrubber-" + cluster, PAUSE, this::step);
  }

  /** One over all that a cluster's brokers hold; it stands back while appends wait for others. */
  static Scrubber of(Cluster cluster, ScrubPace pace) {
    return new Scrubber(
        cluster.name(),
        () -> cluster.brokers().stream().flatMap(broker -> broker.stores().stream()).toList(),
        () -> cluster.dataGroups().stream().anyMatch(group -> group.accumulator().hasQueued()),
        pace);
  }

  void start() {
    task.start(Thread.ofPlatform().daemon());
  }

  Counts counts() {
    return counts;
  }

  /** Reads what its pace allows. One thread at a time. */
  void step() {
    retryKnown();
    if (busy.getAsBoolean() && passedOver < STEPS_UNDER_LOAD) {
      passedOver++;
      return;
    }
    passedOver = 0;
    long available = pace.available();
    while (available > 0 && !task.isClosed() && hasMore()) {
      long bytes = scrub(toDo.peek(), available);
      pace.took(bytes);
      available -= bytes;
    }
  }

  private boolean hasMore() {
    if (!toDo.isEmpty()) {
      return true;
    }
    long nowNanos = System.nanoTime();
    if (nowNanos - roundAtNanos < ROUND_NANOS) {
      return false;
    }
    roundAtNanos = nowNanos;
    stores.get().forEach(store -> toDo.addAll(store.partitions()));
    next = Optional.empty();
    return !toDo.isEmpty();
  }

  /** Goes on with a replica; returns the bytes that were read. */
  private long scrub(PartitionReplica replica, long maxBytes) {
    try {
      Scrubbed scrubbed = replica.repair().scrub(next, maxBytes);
      next = scrubbed.next();
      count(scrubbed.bytes(), scrubbed.damaged(), scrubbed.repaired());
      if (next.isEmpty()) {
        leave();
      }
      return scrubbed.bytes();
    } catch (IOException e) {
      // Its broker stops, or it is dropped or trimmed: the next round looks again.
      LOG.debug("not scrubbed: topic={} partition={}", replica.topicName(), replica.partition(), e);
      leave();
      return 0;
    }
  }

  private void leave() {
    toDo.remove();
    next = Optional.empty();
    if (toDo.isEmpty()) {
      Counts before = counts;
      counts = new Counts(before.rounds() + 1, before.bytes(), before.damaged(), before.repaired());
    }
  }

  private void retryKnown() {
    long nowNanos = System.nanoTime();
    if (nowNanos - retriedAtNanos < RETRY_NANOS) {
      return;
    }
    retriedAtNanos = nowNanos;
    for (PartitionStore store : stores.get()) {
      for (PartitionReplica replica : store.partitions()) {
        retry(replica.repair());
      }
    }
  }

  private void retry(LogRepair repair) {
    try {
      if (!repair.knownDamage().isEmpty() && !task.isClosed()) {
        count(0, 0, repair.repairKnown());
      }
    } catch (IOException e) {
      LOG.debug("not repaired", e);
    }
  }

  private void count(long bytes, int damaged, int repaired) {
    Counts before = counts;
    counts =
        new Counts(
            before.rounds(),
            before.bytes() + bytes,
            before.damaged() + damaged,
            before.repaired() + repaired);
  }

  @Override
  public void close() {
    task.close();
  }
}
