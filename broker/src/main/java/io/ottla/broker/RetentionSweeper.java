package io.ottla.broker;

import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.broker.store.PartitionStore;
import io.ottla.broker.time.GuardedClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds, on each data group's leader, the records whose time or room is over, and has all replicas
 * trim them. One thread at a time.
 *
 * <p>Only the leader decides, by the cluster's guarded clock, which no jump of the wall clock
 * moves; every replica trims because the log says so. A start offset therefore never goes back.
 */
final class RetentionSweeper {
  private final ServingCluster cluster;
  private final GuardedClock clock;

  RetentionSweeper(ServingCluster cluster, GuardedClock clock) {
    this.cluster = cluster;
    this.clock = clock;
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
        OptionalLong front = replica.retentionFront(clock::ageMs);
        if (front.isPresent()) {
          trims.add(
              new DataCommand.TrimFront(replica.topicId(), replica.partition(), front.getAsLong()));
        }
      }
      if (!trims.isEmpty()) {
        group.accumulator().submitAndAwait(trims);
      }
    }
  }
}
