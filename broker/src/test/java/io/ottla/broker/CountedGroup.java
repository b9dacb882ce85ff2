package io.ottla.broker;

import io.ottla.broker.produce.Accumulator;
import io.ottla.broker.produce.AccumulatorLimits;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.replication.ReplicationGroup;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A data group with an accumulator of its own, whose entries are counted. Thread-safe. */
final class CountedGroup implements DataGroup, AutoCloseable {
  private final DataGroup real;
  private final Accumulator accumulator;

  CountedGroup(DataGroup real, AtomicInteger entries) {
    this.real = real;
    this.accumulator =
        Accumulator.start(counted(real.replication(), entries), AccumulatorLimits.production());
  }

  private static ReplicationGroup counted(ReplicationGroup group, AtomicInteger entries) {
    return new ReplicationGroup() {
      @Override
      public int number() {
        return group.number();
      }

      @Override
      public Optional<Leadership> leadership() {
        return group.leadership();
      }

      @Override
      public CompletableFuture<Outcome> submit(long term, ByteBuffer payload) {
        entries.incrementAndGet();
        return group.submit(term, payload);
      }

      @Override
      public void onLeadershipChange(Runnable listener) {
        group.onLeadershipChange(listener);
      }
    };
  }

  @Override
  public int number() {
    return real.number();
  }

  @Override
  public ReplicationGroup replication() {
    return real.replication();
  }

  @Override
  public Accumulator accumulator() {
    return accumulator;
  }

  @Override
  public Optional<PartitionReader> leaderReader() {
    return real.leaderReader();
  }

  @Override
  public Optional<PartitionReader> surestReader() {
    return real.surestReader();
  }

  @Override
  public Optional<PartitionStore> leaderStore() {
    return real.leaderStore();
  }

  @Override
  public void close() {
    accumulator.close();
  }
}
