package io.ottla.broker;

import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.broker.store.PartitionStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, on each data group's leader, the records whose time or room is over, and has all replicas
 * trim them. One thread of its own.
 *
 * <p>Only the leader decides, with its own clock; every replica trims because the log says so. A
 * start offset therefore never goes back.
 */
final class RetentionSweeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RetentionSweeper.class);

  private final ServingCluster cluster;
  private final InstantSource clock;
  private final Duration interval;
  private final CountDownLatch closed = new CountDownLatch(1);

  RetentionSweeper(ServingCluster cluster, InstantSource clock, Duration interval) {
    this.cluster = cluster;
    this.clock = clock;
    this.interval = interval;
  }

  void start() {
    Thread.ofVirtual().name("retention-" + cluster.name()).start(this::run);
  }

  private void run() {
    try {
      while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        sweepOrComplain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A replica that closes under a sweep must not end the thread: the next sweep looks again. */
  private void sweepOrComplain() {
    try {
      sweep();
    } catch (RuntimeException e) {
      LOG.error("retention not looked at: cluster={}", cluster.name(), e);
    }
  }

  /** One look at every group that has a leader. */
  void sweep() {
    for (DataGroup group : cluster.dataGroups()) {
      Optional<PartitionStore> store = group.leaderStore();
      if (store.isEmpty()) {
        continue;
      }
      List<DataCommand> trims = new ArrayList<>();
      for (PartitionReplica replica : store.get().partitions()) {
        OptionalLong front = replica.retentionFront(clock.millis());
        if (front.isPresent()) {
          trims.add(
              new DataCommand.TrimFront(replica.topicId(), replica.partition(), front.getAsLong()));
        }
      }
      if (!trims.isEmpty()) {
        group.accumulator().submit(trims).join();
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
