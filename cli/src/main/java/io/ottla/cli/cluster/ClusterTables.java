package io.ottla.cli.cluster;

import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.Table;
import io.ottla.cli.terminal.Text;
import io.ottla.client.ClusterDescription;
import io.ottla.client.PartitionDescription;
import java.util.List;
import java.util.Objects;

/** Clusters as tables. */
final class ClusterTables {
  private ClusterTables() {}

  static void list(Console console, List<ClusterDescription> clusters) {
    Table table =
        new Table("CLUSTER", "BROKERS", "REPLICAS", "TOLERATES", "RETENTION", "DIRECTORY");
    for (ClusterDescription cluster : clusters) {
      table.row(
          cluster.name(),
          cluster.brokers().size(),
          cluster.replicationFactor(),
          cluster.toleratedFailures(),
          Text.retention(cluster.retentionHours()),
          cluster.logDirectory());
    }
    table.print(console);
  }

  /** A cluster's brokers, with how many partitions they lead, and its topics. */
  static void describe(Console console, ClusterDescription cluster) {
    Table brokers = new Table("BROKER", "STATE", "LEADS", "DIRECTORY");
    for (ClusterDescription.Broker broker : cluster.brokers()) {
      brokers.row(broker.id(), broker.state(), leads(cluster, broker.id()), broker.directory());
    }
    brokers.print(console);
    if (!cluster.topics().isEmpty()) {
      console.line("");
      Table topics = new Table("TOPIC", "PARTITIONS", "EVENTS", "WITHOUT LEADER");
      for (ClusterDescription.Topic topic : cluster.topics()) {
        topics.row(topic.name(), topic.partitions().size(), events(topic), withoutLeader(topic));
      }
      topics.print(console);
    }
  }

  private static long leads(ClusterDescription cluster, int broker) {
    return cluster.topics().stream()
        .flatMap(topic -> topic.partitions().stream())
        .filter(partition -> Objects.equals(partition.leader(), broker))
        .count();
  }

  private static long events(ClusterDescription.Topic topic) {
    return topic.partitions().stream()
        .mapToLong(partition -> partition.endOffset() - partition.startOffset())
        .sum();
  }

  private static long withoutLeader(ClusterDescription.Topic topic) {
    return topic.partitions().stream()
        .map(PartitionDescription::leader)
        .filter(Objects::isNull)
        .count();
  }
}
