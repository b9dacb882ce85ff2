package io.ottla.broker;

import io.ottla.broker.TopicDescription.PartitionDescription;
import io.ottla.broker.TopicDescription.ReplicaDescription;
import io.ottla.broker.store.PartitionReader.Extent;
import io.ottla.metadata.Topic;
import io.ottla.replication.ReplicationGroup.Leadership;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Describes topics as their users see them, from what the running replicas show. Pure. */
final class TopicDescriptions {
  private TopicDescriptions() {}

  /** Every topic of a cluster, by name. */
  static List<TopicDescription> all(Cluster cluster) {
    return cluster.view().topics().stream()
        .sorted(Comparator.comparing(Topic::name))
        .map(topic -> of(cluster, topic))
        .toList();
  }

  static TopicDescription of(Cluster cluster, Topic topic) {
    List<PartitionDescription> partitions = new ArrayList<>();
    for (int partition = 0; partition < topic.partitions(); partition++) {
      partitions.add(partition(cluster, topic, partition));
    }
    return new TopicDescription(
        topic.id(),
        topic.name(),
        cluster.name(),
        topic.config(),
        topic.internal(),
        topic.createdAtMs(),
        List.copyOf(partitions));
  }

  private static PartitionDescription partition(Cluster cluster, Topic topic, int partition) {
    ClusterDataGroup group = cluster.dataGroup(topic.groupOfPartition().get(partition));
    Optional<Leadership> leadership = group.replication().leadership();
    OptionalInt leader =
        leadership.isPresent() ? OptionalInt.of(leadership.get().brokerId()) : OptionalInt.empty();
    long startOffset = 0;
    long endOffset = 0;
    List<ReplicaDescription> replicas = new ArrayList<>();
    List<Integer> replicaIds = new ArrayList<>();
    for (Broker broker : group.replicas()) {
      replicaIds.add(broker.id());
      Optional<Extent> extent =
          broker
              .store(group.number())
              .flatMap(store -> store.reader().extent(topic.id(), partition));
      if (extent.isEmpty()) {
        continue;
      }
      Extent held = extent.get();
      String directory =
          ClusterDescriptions.directory(cluster, broker)
              + "/"
              + held.directory().toString().replace('\\', '/');
      startOffset = Math.max(startOffset, held.startOffset());
      endOffset = Math.max(endOffset, held.endOffset());
      replicas.add(
          new ReplicaDescription(
              broker.id(), directory, held.startOffset(), held.endOffset(), held.sizeBytes()));
    }
    return new PartitionDescription(
        partition, leader, List.copyOf(replicaIds), startOffset, endOffset, List.copyOf(replicas));
  }
}
