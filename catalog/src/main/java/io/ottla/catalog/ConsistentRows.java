package io.ottla.catalog;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The rows of a snapshot by key, made fit for the tables' constraints as {@link CatalogSnapshot}
 * promises. Immutable by convention: nobody changes the maps.
 */
record ConsistentRows(
    Map<UUID, ClusterRow> clusters,
    Map<Integer, BrokerRow> brokers,
    Map<UUID, TopicRow> topics,
    Map<PartitionKey, PartitionRow> partitions,
    Map<Long, ProducerRow> producers,
    Map<Long, ConsumerRow> consumers,
    Map<GroupKey, ConsumerGroupRow> consumerGroups,
    Map<GroupKey, OffsetCommitmentRow> offsetCommitments) {

  /** What a row of {@code partitions} is found by. */
  record PartitionKey(UUID topicId, int partitionNumber) {}

  /** What a row of {@code consumer_groups} and its commit are found by. */
  record GroupKey(String groupName, UUID topicId, int partitionNumber) {}

  private record TopicName(UUID clusterId, String name) {}

  static ConsistentRows of(CatalogSnapshot snapshot) {
    Map<UUID, ClusterRow> clusters =
        distinct(byKey(snapshot.clusters(), ClusterRow::id, row -> true), ClusterRow::name);
    Map<Integer, BrokerRow> brokers =
        byKey(snapshot.brokers(), BrokerRow::id, row -> clusters.containsKey(row.clusterId()));
    Map<UUID, TopicRow> topics =
        distinct(
            byKey(snapshot.topics(), TopicRow::id, row -> clusters.containsKey(row.clusterId())),
            row -> new TopicName(row.clusterId(), row.name()));
    Map<PartitionKey, PartitionRow> partitions =
        byKey(
            snapshot.partitions(),
            row -> new PartitionKey(row.topicId(), row.partitionNumber()),
            row -> topics.containsKey(row.topicId()));
    partitions.replaceAll((key, row) -> withKnownLeader(row, brokers));
    Map<GroupKey, ConsumerGroupRow> groups =
        byKey(
            snapshot.consumerGroups(),
            row -> new GroupKey(row.groupName(), row.topicId(), row.partitionNumber()),
            row -> topics.containsKey(row.topicId()));
    Map<GroupKey, OffsetCommitmentRow> commitments =
        byKey(
            snapshot.offsetCommitments(),
            row -> new GroupKey(row.groupName(), row.topicId(), row.partitionNumber()),
            row -> topics.containsKey(row.topicId()));
    commitments.forEach((key, row) -> groups.computeIfAbsent(key, missing -> ownerless(row)));
    return new ConsistentRows(
        clusters,
        brokers,
        topics,
        partitions,
        byKey(snapshot.producers(), ProducerRow::id, row -> clusters.containsKey(row.clusterId())),
        byKey(snapshot.consumers(), ConsumerRow::id, row -> clusters.containsKey(row.clusterId())),
        groups,
        commitments);
  }

  private static <K, R> Map<K, R> byKey(
      Collection<R> rows, Function<R, K> key, Predicate<R> hasParent) {
    Map<K, R> byKey = LinkedHashMap.newLinkedHashMap(rows.size());
    for (R row : rows) {
      if (hasParent.test(row)) {
        byKey.put(key.apply(row), row);
      }
    }
    return byKey;
  }

  /** Leaves only the last row of each name. */
  private static <K, R> Map<K, R> distinct(Map<K, R> rows, Function<R, Object> name) {
    Map<Object, K> lastOfName = HashMap.newHashMap(rows.size());
    rows.forEach((key, row) -> lastOfName.put(name.apply(row), key));
    if (lastOfName.size() < rows.size()) {
      rows.entrySet()
          .removeIf(row -> !lastOfName.get(name.apply(row.getValue())).equals(row.getKey()));
    }
    return rows;
  }

  private static PartitionRow withKnownLeader(PartitionRow row, Map<Integer, BrokerRow> brokers) {
    if (row.leaderBrokerId().isEmpty() || brokers.containsKey(row.leaderBrokerId().getAsInt())) {
      return row;
    }
    return new PartitionRow(
        row.topicId(),
        row.partitionNumber(),
        OptionalInt.empty(),
        row.replicas(),
        row.createdAtMs());
  }

  private static ConsumerGroupRow ownerless(OffsetCommitmentRow commit) {
    return new ConsumerGroupRow(
        commit.groupName(),
        Optional.empty(),
        commit.topicId(),
        commit.partitionNumber(),
        OptionalLong.of(commit.offset()),
        commit.createdAtMs());
  }
}
