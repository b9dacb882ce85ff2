package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerDescription;
import io.ottla.metadata.ClusterIdentity;
import java.util.List;
import java.util.Optional;

/** Describes clusters as their users see them. Pure. */
final class ClusterDescriptions {
  private ClusterDescriptions() {}

  /** Without topics. */
  static ClusterDescription of(Cluster cluster) {
    return describe(cluster, Optional.empty());
  }

  /** With every topic and its partitions. */
  static ClusterDescription withTopics(Cluster cluster) {
    return describe(cluster, Optional.of(TopicDescriptions.all(cluster)));
  }

  private static ClusterDescription describe(
      Cluster cluster, Optional<List<TopicDescription>> topics) {
    ClusterIdentity identity = cluster.identity();
    int brokers = identity.brokers().size();
    return new ClusterDescription(
        identity.clusterId(),
        identity.name(),
        ClusterLayout.replicationFactor(brokers),
        ClusterLayout.toleratedFailures(brokers),
        identity.logDirectory(),
        identity.defaultPartitions(),
        identity.retentionHours(),
        cluster.brokers().stream().map(broker -> broker(cluster, broker)).toList(),
        identity.createdAtMs(),
        topics);
  }

  static BrokerDescription broker(Cluster cluster, Broker broker) {
    return new BrokerDescription(
        broker.id(), cluster.host(), cluster.port(), broker.state(), directory(cluster, broker));
  }

  /** Where a broker lives, relative to the data directory. */
  static String directory(Cluster cluster, Broker broker) {
    return cluster.identity().logDirectory() + "/broker-" + broker.id();
  }
}
