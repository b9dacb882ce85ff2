package io.ottla.cli.topic;

import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.Table;
import io.ottla.cli.terminal.Text;
import io.ottla.client.PartitionDescription;
import io.ottla.client.TopicDescription;
import java.util.List;
import java.util.stream.Collectors;

/** Topics as tables. */
final class TopicTables {
  private TopicTables() {}

  static void list(Console console, List<TopicDescription> topics) {
    Table table =
        new Table(
            "TOPIC", "CLUSTER", "PARTITIONS", "EVENTS", "RETENTION", "CLEANUP", "COMPRESSION");
    for (TopicDescription topic : topics) {
      table.row(
          topic.name(),
          topic.cluster(),
          topic.partitions().size(),
          topic.partitions().stream().mapToLong(p -> p.endOffset() - p.startOffset()).sum(),
          Text.retention(topic.retentionHours()),
          topic.cleanupPolicy(),
          topic.compression());
    }
    table.print(console);
  }

  static void describe(Console console, TopicDescription topic) {
    list(console, List.of(topic));
    console.line("");
    Table table = new Table("PARTITION", "LEADER", "REPLICAS", "START", "END", "BYTES");
    for (PartitionDescription partition : topic.partitions()) {
      table.row(
          partition.partition(),
          partition.leader(),
          partition.replicas().stream().map(String::valueOf).collect(Collectors.joining(",")),
          partition.startOffset(),
          partition.endOffset(),
          sizeBytes(partition));
    }
    table.print(console);
  }

  /** Of the replica that has most; null if there are no details. */
  private static Long sizeBytes(PartitionDescription partition) {
    return partition.replicaDetails().stream()
        .map(PartitionDescription.Replica::sizeBytes)
        .max(Long::compare)
        .orElse(null);
  }
}
