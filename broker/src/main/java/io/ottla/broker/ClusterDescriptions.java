package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerDescription;
import io.ottla.broker.identity.SetAsideDirectory;
import io.ottla.metadata.ClusterIdentity;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Describes clusters as their users see them. Thread-safe. */
final class ClusterDescriptions {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterDescriptions.class);

  private ClusterDescriptions() {}

  /** Without topics. */
  static ClusterDescription of(Cluster cluster) {
    return describe(cluster, Optional.empty(), Optional.empty());
  }

  /** With every topic and its partitions, and what was set aside. */
  static ClusterDescription whole(Cluster cluster) {
    return describe(
        cluster, Optional.of(setAside(cluster)), Optional.of(TopicDescriptions.all(cluster)));
  }

  private static List<SetAsideDirectory> setAside(Cluster cluster) {
    try {
      return cluster.homes().setAside();
    } catch (IOException e) {
      LOG.warn("directories set aside cannot be listed: cluster={}", cluster.name(), e);
      return List.of();
    }
  }

  private static ClusterDescription describe(
      Cluster cluster,
      Optional<List<SetAsideDirectory>> setAside,
      Optional<List<TopicDescription>> topics) {
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
        setAside,
        topics);
  }

  static BrokerDescription broker(Cluster cluster, Broker broker) {
    return new BrokerDescription(
        broker.id(),
        cluster.host(),
        cluster.port(),
        broker.state(),
        directory(cluster, broker),
        broker.failure().map(BrokerFailure::wireReason));
  }

  /** Where a broker lives, relative to the data directory. */
  static String directory(Cluster cluster, Broker broker) {
    return cluster.identity().logDirectory() + "/broker-" + broker.id();
  }
}
