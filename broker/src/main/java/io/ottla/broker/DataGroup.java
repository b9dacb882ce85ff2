package io.ottla.broker;

import io.ottla.broker.produce.Accumulator;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.replication.ReplicationGroup;
import java.util.Optional;

/** One data group of a cluster: where its partitions are appended to and read from. Thread-safe. */
public interface DataGroup {
  /** Its number, from 1; it prefers the broker of the same number as leader. */
  int number();

  /** Who leads, and raw appends. */
  ReplicationGroup replication();

  /** Gathers concurrent appends into rounds. */
  Accumulator accumulator();

  /**
   * The leader's partitions; empty while no leader is ready. A read begun after an append was
   * answered sees it.
   */
  Optional<PartitionReader> leaderReader();

  /**
   * The most advanced running replica that is sure of what it shows; for stateless reads while no
   * leader is ready.
   */
  Optional<PartitionReader> surestReader();

  /**
   * Why nothing large is to be written now: too few of its brokers' disks have room, and enough
   * would if they had. Empty as a rule; cheap.
   */
  default Optional<String> shortage() {
    return Optional.empty();
  }

  /** The leader's replicated state, for its consumer groups; empty while no leader is ready. */
  Optional<PartitionStore> leaderStore();
}
