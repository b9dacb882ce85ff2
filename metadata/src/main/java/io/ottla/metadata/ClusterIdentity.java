package io.ottla.metadata;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * What a cluster is, from its creation to its deletion. Immutable.
 *
 * @param number its number in the deployment, never reused; the upper half of every id it gives
 * @param logDirectory relative to the data directories
 * @param defaultPartitions of topics that do not say how many
 * @param retentionHours of topics that do not say how long; fractions allowed, -1 = for ever
 * @param offsetsTopicId the topic id of {@link Names#CONSUMER_OFFSETS}
 * @param brokers broker k is element k - 1; there are as many data groups
 */
public record ClusterIdentity(
    UUID clusterId,
    int number,
    String name,
    String logDirectory,
    int defaultPartitions,
    double retentionHours,
    UUID offsetsTopicId,
    List<BrokerIdentity> brokers,
    long createdAtMs) {
  /** The most brokers a cluster may have. */
  public static final int MAX_BROKERS = 9;

  /** The highest cluster number: ids stay below 2^53, exact in every JSON reader. */
  public static final int MAX_NUMBER = (1 << 21) - 1;

  /** The most replicas that a group has. */
  private static final int MAX_REPLICAS = 3;

  public ClusterIdentity {
    Objects.requireNonNull(clusterId, "clusterId");
    Objects.requireNonNull(logDirectory, "logDirectory");
    Objects.requireNonNull(offsetsTopicId, "offsetsTopicId");
    Range.check("cluster number", number, 0, MAX_NUMBER);
    Range.check("default partitions", defaultPartitions, 1, Topic.MAX_PARTITIONS);
    Range.checkRetentionHours(retentionHours);
    brokers = List.copyOf(brokers);
    Range.check("number of brokers", brokers.size(), 1, MAX_BROKERS);
    if (!Names.isClusterName(name)) {
      throw new IllegalArgumentException("not a cluster name: " + name);
    }
    for (int i = 0; i < brokers.size(); i++) {
      if (brokers.get(i).id() != i + 1) {
        throw new IllegalArgumentException("broker " + brokers.get(i).id() + " at position " + i);
      }
    }
  }

  /** How many data groups there are: one for each broker. */
  public int dataGroups() {
    return brokers.size();
  }

  /** How many copies of each partition there are. */
  public int replicationFactor() {
    return Math.min(MAX_REPLICAS, brokers.size());
  }

  /** The id with this counter, which starts at 1. */
  long idOf(long counter) {
    return ((long) number << Integer.SIZE) + counter;
  }
}
