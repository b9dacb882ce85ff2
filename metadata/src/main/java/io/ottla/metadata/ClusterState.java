package io.ottla.metadata;

import java.util.List;
import java.util.Optional;

/**
 * A {@link ClusterView} as the checkpoint holds it. Immutable. The same on every replica at the
 * same index: topics are in the order of their names, consumers and producers of their ids.
 *
 * @param consumersRegistered how many ever were: the last consumer's counter
 * @param producersRegistered likewise
 * @param partitionsPlaced how many partitions of users' topics were ever given to a data group:
 *     where the next one's turn comes from
 */
record ClusterState(
    long appliedIndex,
    Optional<ClusterIdentity> identity,
    long consumersRegistered,
    long producersRegistered,
    long partitionsPlaced,
    List<Topic> topics,
    List<Consumer> consumers,
    List<Producer> producers) {}
