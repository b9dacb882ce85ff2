package io.ottla.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** A topic as {@code GET /topic/{name}} shows it. Immutable. */
record TopicState(List<Partition> partitions) {
  /**
   * One partition.
   *
   * @param leader empty while there is none
   * @param brokers that it is replicated on
   * @param replicas on those of them that run
   */
  record Partition(
      int number,
      OptionalInt leader,
      long startOffset,
      long endOffset,
      List<Integer> brokers,
      List<Replica> replicas) {
    boolean replicasAgree() {
      return replicas.size() == brokers.size()
          && replicas.stream()
              .allMatch(
                  replica ->
                      replica.endOffset() == endOffset
                          && replica.sizeBytes() == replicas.getFirst().sizeBytes());
    }
  }

  /** The directory is relative to the server's data directory. */
  record Replica(int broker, String directory, long endOffset, long sizeBytes) {}

  static TopicState read(Target target) throws IOException, InterruptedException {
    JsonNode topic = target.api().get(target.topicPath()).expect(200);
    List<Partition> partitions = new ArrayList<>();
    for (JsonNode partition : topic.required("partitions")) {
      partitions.add(
          new Partition(
              partition.required("partition").asInt(),
              leader(partition.path("leader")),
              partition.required("start_offset").asLong(),
              partition.required("end_offset").asLong(),
              partition.required("replicas").valueStream().map(JsonNode::asInt).toList(),
              replicas(partition.required("replica_details"))));
    }
    return new TopicState(List.copyOf(partitions));
  }

  private static OptionalInt leader(JsonNode leader) {
    return leader.isNumber() ? OptionalInt.of(leader.asInt()) : OptionalInt.empty();
  }

  private static List<Replica> replicas(JsonNode replicas) {
    List<Replica> result = new ArrayList<>();
    for (JsonNode replica : replicas) {
      result.add(
          new Replica(
              replica.required("broker").asInt(),
              replica.required("directory").asString(),
              replica.required("end_offset").asLong(),
              replica.required("size_bytes").asLong()));
    }
    return List.copyOf(result);
  }

  long events() {
    return partitions.stream()
        .mapToLong(partition -> partition.endOffset() - partition.startOffset())
        .sum();
  }

  boolean everyPartitionHasALeader() {
    return partitions.stream().allMatch(partition -> partition.leader().isPresent());
  }

  /** How many partitions each broker leads. */
  Map<Integer, Integer> ledByBroker() {
    Map<Integer, Integer> led = new TreeMap<>();
    for (Partition partition : partitions) {
      partition.leader().ifPresent(broker -> led.merge(broker, 1, Integer::sum));
    }
    return led;
  }

  /** The broker that leads most partitions; of several the first. */
  int busiestBroker() {
    Map<Integer, Integer> led = ledByBroker();
    int most = led.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    return led.keySet().stream()
        .filter(broker -> led.get(broker) == most)
        .findFirst()
        .orElseThrow();
  }
}
