package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.SpaceWatch.Level;
import io.ottla.broker.produce.Accumulator;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.replication.RaftBroker;
import io.ottla.replication.ReplicaStatus;
import io.ottla.replication.ReplicationGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A data group whose replicas are brokers of this process. Thread-safe: it holds no state of its
 * own.
 */
record ClusterDataGroup(
    int number,
    ReplicationGroup replication,
    Accumulator accumulator,
    List<Broker> replicas,
    SpaceWatch space)
    implements DataGroup {
  /** A round takes milliseconds; beyond this its disk or its replication hangs. */
  private static final Duration LONGEST_ROUND = Duration.ofSeconds(10);

  /** Why nothing can be appended now, to be read behind the group's name; empty if it can. */
  Optional<String> reasonNotReady() {
    if (!accumulator.isAlive()) {
      return Optional.of(" appends nothing any more: its writer has ended");
    }
    if (replication.leadership().isEmpty()) {
      return Optional.of(" has no leader");
    }
    Optional<String> stalled = leaderStalled();
    if (stalled.isPresent()) {
      return stalled;
    }
    Duration age = accumulator.roundAge();
    return age.compareTo(LONGEST_ROUND) > 0
        ? Optional.of(" stands still: a round has been under way for " + age.toSeconds() + " s")
        : Optional.empty();
  }

  private Optional<String> leaderStalled() {
    return replication
        .leadership()
        .flatMap(leader -> broker(leader.brokerId()))
        .flatMap(Broker::raft)
        .map(raft -> raft.status(number).stalled())
        .filter(stalled -> !stalled.isEmpty())
        .map(stalled -> " stands still: " + stalled);
  }

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
  public Optional<String> shortage() {
    if (space.isRoomy()) {
      return Optional.empty();
    }
    int majority = replicas.size() / 2 + 1;
    int roomy = 0;
    Broker tightest = null;
    int tight = 0;
    for (Broker broker : replicas) {
      boolean hasRoom = reading(broker).level() == Level.ROOM;
      if (hasRoom && broker.state() == BrokerState.RUNNING) {
        roomy++;
      } else if (!hasRoom && (broker.state() == BrokerState.RUNNING || waitsForSpace(broker))) {
        tight++;
        tightest =
            tightest == null || reading(broker).usableBytes() < reading(tightest).usableBytes()
                ? broker
                : tightest;
      }
    }
    return roomy < majority && roomy + tight >= majority
        ? Optional.of(describe(tightest))
        : Optional.empty();
  }

  private SpaceWatch.Reading reading(Broker broker) {
    return space.of(broker.id());
  }

  private static boolean waitsForSpace(Broker broker) {
    return broker
        .failure()
        .flatMap(BrokerFailure::waitsFor)
        .filter(want -> want == BrokerFailure.Want.SPACE)
        .isPresent();
  }

  private String describe(Broker broker) {
    return "the disk of broker %d (%s) is full: %d bytes are free, %d are kept in reserve"
        .formatted(
            broker.id(),
            broker.directory().getFileName(),
            reading(broker).usableBytes(),
            reading(broker).reserveBytes());
  }

  @Override
  public Optional<PartitionStore> leaderStore() {
    return replication
        .leadership()
        .flatMap(leader -> broker(leader.brokerId()).flatMap(b -> b.store(number)));
  }

  /** The running replicas, without the asking one; for repairs. */
  List<PartitionReader> readersBesides(PartitionStore asking) {
    List<PartitionReader> readers = new ArrayList<>();
    for (Broker broker : replicas) {
      broker
          .store(number)
          .filter(store -> store != asking)
          .ifPresent(store -> readers.add(store.reader()));
    }
    return readers;
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
