package io.ottla.demo;

import java.io.IOException;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Prints a cluster as a tree: its brokers, and a topic's partitions with leader and replicas. */
final class ClusterTree {
  private ClusterTree() {}

  static void print(Target target, Report report) throws IOException, InterruptedException {
    JsonNode cluster = target.api().get(target.clusterPath()).expect(200);
    TopicState topic = TopicState.read(target);
    report.line("cluster %s".formatted(target.cluster()));
    for (JsonNode broker : cluster.required("brokers")) {
      int id = broker.required("id").asInt();
      report.line(
          "├─ broker %d   %-8s leads %d of %d partitions   %s"
              .formatted(
                  id,
                  broker.required("state").asString(),
                  topic.ledByBroker().getOrDefault(id, 0),
                  topic.partitions().size(),
                  broker.path("directory").asString()));
    }
    report.line("└─ topic %s".formatted(target.topic()));
    for (TopicState.Partition partition : topic.partitions()) {
      boolean last = partition.number() == topic.partitions().size() - 1;
      report.line(
          "   %s partition %d   leader %s   replicas %s   offsets %d to %d"
              .formatted(
                  last ? "└─" : "├─",
                  partition.number(),
                  partition.leader().isPresent() ? partition.leader().getAsInt() : "-",
                  partition.brokers().stream()
                      .map(String::valueOf)
                      .collect(Collectors.joining(" ")),
                  partition.startOffset(),
                  partition.endOffset()));
    }
  }
}
