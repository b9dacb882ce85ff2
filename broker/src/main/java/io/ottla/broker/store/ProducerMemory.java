package io.ottla.broker.store;

import com.github.benmanes.caffeine.cache.Interner;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The heap that the partitions of all replicas of this process may take for what they remember of
 * their producers, how much they take, and what they share. Thread-safe.
 *
 * <h2>What is counted</h2>
 *
 * Each replica counts what it would take if it shared nothing. Full blocks are the same on all
 * replicas of a group and are there once, so this is more than what is really taken.
 *
 * <h2>What the bound does</h2>
 *
 * From {@link #isFull} on no producer begins with another partition: the leader refuses that before
 * anything is appended. From {@link #isTight} on the leaders shorten what is remembered, by an
 * entry: see {@link PartitionProducers#shorten}. Apply itself never asks: what it does depends on
 * the entries alone.
 */
public final class ProducerMemory {
  private final long limitBytes;
  private final List<Share> shares = new CopyOnWriteArrayList<>();
  private final Interner<SequenceBlock> blocks = Interner.newWeakInterner();
  private final Interner<ProducerKey> producers = Interner.newWeakInterner();

  /** Memory with this bound. */
  public ProducerMemory(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Memory for one store alone that never ends. */
  public static ProducerMemory unlimited() {
    return new ProducerMemory(Long.MAX_VALUE);
  }

  /** What all replicas together take now. */
  public long heldBytes() {
    long held = 0;
    for (Share share : shares) {
      held += share.heldBytes.get();
    }
    return held;
  }

  /** Whether no producer may begin with another partition: three quarters are taken. */
  public boolean isFull() {
    return heldBytes() > limitBytes / 4 * 3;
  }

  /** Whether what is remembered should be shortened: more than half is taken. */
  public boolean isTight() {
    return heldBytes() > limitBytes / 2;
  }

  /** One store's part of it, until it is closed. */
  Share open() {
    Share share = new Share();
    shares.add(share);
    return share;
  }

  /** What one store takes. The store's apply thread adds; any thread reads. */
  final class Share implements AutoCloseable {
    private final AtomicLong heldBytes = new AtomicLong();

    private Share() {}

    void add(long bytes) {
      if (bytes != 0) {
        heldBytes.addAndGet(bytes);
      }
    }

    boolean isFull() {
      return ProducerMemory.this.isFull();
    }

    /** The block that all replicas share. */
    SequenceBlock shared(SequenceBlock block) {
      return blocks.intern(block);
    }

    /** The key that all partitions share. */
    ProducerKey shared(ProducerKey producer) {
      return producers.intern(producer);
    }

    @Override
    public void close() {
      shares.remove(this);
    }
  }
}
