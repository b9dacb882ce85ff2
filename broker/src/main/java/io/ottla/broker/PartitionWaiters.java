package io.ottla.broker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Where readers wait for a partition of a cluster to grow. They hang on the partition, not on a
 * replica: every apply on any replica and every change of leadership wakes them, and they look up
 * the leader anew. Thread-safe; holds no lock while it wakes.
 *
 * <p>A waiter registers first, then looks for events, then waits: an append between the look and
 * the wait is not missed.
 */
public final class PartitionWaiters {
  private final ConcurrentHashMap<PartitionId, Set<Waiter>> waiting = new ConcurrentHashMap<>();
  private volatile boolean ended;

  /** Names a partition for waiting. */
  public record PartitionId(UUID topicId, int partition) {}

  /** Registers for the given partitions; close it when done. */
  public Waiter register(Collection<PartitionId> partitions) {
    Waiter waiter = new Waiter(List.copyOf(partitions));
    for (PartitionId id : waiter.partitions) {
      waiting.compute(
          id,
          (key, waiters) -> {
            Set<Waiter> set = waiters == null ? ConcurrentHashMap.newKeySet() : waiters;
            set.add(waiter);
            return set;
          });
    }
    return waiter;
  }

  /** Wakes whoever waits for this partition. Cheap when nobody does. */
  public void wake(UUID topicId, int partition) {
    if (waiting.isEmpty()) {
      return;
    }
    Set<Waiter> waiters = waiting.get(new PartitionId(topicId, partition));
    if (waiters != null) {
      waiters.forEach(Waiter::wake);
    }
  }

  /** Wakes everybody: leadership changed, or the topics did. */
  public void wakeAll() {
    for (Set<Waiter> waiters : new ArrayList<>(waiting.values())) {
      waiters.forEach(Waiter::wake);
    }
  }

  /**
   * Ends every wait, now and from now on, as the process stops: {@link Waiter#await} throws. No
   * thread is interrupted for it, as it could be within file I/O.
   */
  public void end() {
    ended = true;
    wakeAll();
  }

  /** One waiting reader. Awaited by one thread; woken by any. */
  public final class Waiter implements AutoCloseable {
    private final List<PartitionId> partitions;
    private volatile CountDownLatch latch = new CountDownLatch(1);

    private Waiter(List<PartitionId> partitions) {
      this.partitions = partitions;
    }

    /** Ends the wait, or the next one. */
    public void wake() {
      latch.countDown();
    }

    /**
     * Waits until woken since the last call, at most {@code nanos}.
     *
     * @return false if the time ran out
     * @throws InterruptedException also when waits have ended
     */
    public boolean await(long nanos) throws InterruptedException {
      boolean woken = !ended && latch.await(nanos, TimeUnit.NANOSECONDS);
      if (ended) {
        throw new InterruptedException("waits have ended");
      }
      if (woken) {
        latch = new CountDownLatch(1);
      }
      return woken;
    }

    @Override
    public void close() {
      for (PartitionId id : partitions) {
        waiting.computeIfPresent(
            id,
            (key, waiters) -> {
              waiters.remove(this);
              return waiters.isEmpty() ? null : waiters;
            });
      }
    }
  }
}
