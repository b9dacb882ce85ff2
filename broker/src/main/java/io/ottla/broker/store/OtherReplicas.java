package io.ottla.broker.store;

import java.util.List;

/** Where a store finds the other replicas of its data group. Thread-safe. */
@FunctionalInterface
public interface OtherReplicas {
  /** Those of a group that has one replica. */
  OtherReplicas NONE = _ -> List.of();

  /** The readers of the replicas that can be reached now, the asking one excepted. */
  List<PartitionReader> besides(PartitionStore asking);
}
