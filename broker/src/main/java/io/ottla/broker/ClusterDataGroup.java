package io.ottla.broker;

import io.ottla.broker.produce.Accumulator;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.replication.RaftBroker;
import io.ottla.replication.ReplicaStatus;
import io.ottla.replication.ReplicationGroup;
import java.util.List;
import java.util.Optional;

/**
 * A data group whose replicas are brokers of this process. Thread-safe: it holds no state of its
 * own.
 */
record ClusterDataGroup(
    int number, ReplicationGroup replication, Accumulator accumulator, List<Broker> replicas)
    implements DataGroup {

  @Override
  public Optional<PartitionReader> leaderReader() {
    return leaderStore().map(PartitionStore::reader);
  }

  @Override
  public Optional<PartitionReader> surestReader() {
    PartitionStore best = null;
    long bestIndex = -1;
    for (Broker broker : replicas) {
      Optional<RaftBroker> raft = broker.raft();
      Optional<PartitionStore> store = broker.store(number);
      if (raft.isEmpty() || store.isEmpty()) {
        continue;
      }
      ReplicaStatus status = raft.get().status(number);
      if (status.sureOfWhatItShows() && status.appliedIndex() > bestIndex) {
        best = store.get();
        bestIndex = status.appliedIndex();
      }
    }
    return Optional.ofNullable(best).map(PartitionStore::reader);
  }

  @Override
  public Optional<PartitionStore> leaderStore() {
    return replication
        .leadership()
        .flatMap(leader -> broker(leader.brokerId()).flatMap(b -> b.store(number)));
  }

  private Optional<Broker> broker(int id) {
    for (Broker broker : replicas) {
      if (broker.id() == id) {
        return Optional.of(broker);
      }
    }
    return Optional.empty();
  }
}
