package io.ottla.catalog;

import io.ottla.catalog.ConsistentRows.GroupKey;
import io.ottla.catalog.ConsistentRows.PartitionKey;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Collectors;

/** The eight tables: which value of a row stands in which column. */
final class Tables {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final Table<UUID, ClusterRow> CLUSTERS =
      Table.of(
          "clusters",
          List.of("id"),
          List.of(
              "name",
              "num_brokers",
              "replication_factor",
              "log_directory",
              "partitions",
              "retention_policies",
              "created_at"),
          ConsistentRows::clusters,
          row ->
              values(
                  row.id(),
                  row.name(),
                  row.numBrokers(),
                  row.replicationFactor(),
                  row.logDirectory(),
                  row.partitions(),
                  row.retentionHours(),
                  time(row.createdAtMs())));

  private static final Table<Integer, BrokerRow> BROKERS =
      Table.of(
          "brokers",
          List.of("id"),
          List.of("cluster_id", "host", "port", "state", "directory", "created_at"),
          ConsistentRows::brokers,
          row ->
              values(
                  row.id(),
                  row.clusterId(),
                  row.host(),
                  row.port(),
                  row.state(),
                  row.directory(),
                  time(row.createdAtMs())));

  private static final Table<UUID, TopicRow> TOPICS =
      Table.of(
          "topics",
          List.of("id"),
          List.of(
              "cluster_id",
              "name",
              "internal",
              "partitions",
              "retention_policies",
              "retention_bytes",
              "segment_bytes",
              "compression",
              "cleanup_policy",
              "max_record_bytes",
              "created_at"),
          ConsistentRows::topics,
          row ->
              values(
                  row.id(),
                  row.clusterId(),
                  row.name(),
                  row.internal() ? 1 : 0,
                  row.partitions(),
                  row.retentionHours(),
                  row.retentionBytes(),
                  row.segmentBytes(),
                  row.compression(),
                  row.cleanupPolicy(),
                  row.maxRecordBytes(),
                  time(row.createdAtMs())));

  private static final Table<PartitionKey, PartitionRow> PARTITIONS =
      Table.of(
          "partitions",
          List.of("topic_id", "partition_number"),
          List.of("leader_broker_id", "replicas", "created_at"),
          ConsistentRows::partitions,
          row ->
              values(
                  row.topicId(),
                  row.partitionNumber(),
                  row.leaderBrokerId(),
                  row.replicas().stream()
                      .map(String::valueOf)
                      .collect(Collectors.joining(",", "[", "]")),
                  time(row.createdAtMs())));

  private static final Table<Long, ProducerRow> PRODUCERS =
      Table.of(
          "producers",
          List.of("id"),
          List.of("cluster_id", "name", "created_at"),
          ConsistentRows::producers,
          row -> values(row.id(), row.clusterId(), row.name(), time(row.createdAtMs())));

  private static final Table<Long, ConsumerRow> CONSUMERS =
      Table.of(
          "consumers",
          List.of("id"),
          List.of("cluster_id", "group_name", "created_at"),
          ConsistentRows::consumers,
          row -> values(row.id(), row.clusterId(), row.groupName(), time(row.createdAtMs())));

  private static final Table<GroupKey, ConsumerGroupRow> CONSUMER_GROUPS =
      Table.of(
          "consumer_groups",
          List.of("group_name", "topic_id", "partition_number"),
          List.of("member_id", "\"offset\"", "created_at"),
          ConsistentRows::consumerGroups,
          row ->
              values(
                  row.groupName(),
                  row.topicId(),
                  row.partitionNumber(),
                  row.memberId().orElse(null),
                  row.offset(),
                  time(row.createdAtMs())));

  private static final String GROUP_ID =
      "(SELECT id FROM consumer_groups"
          + " WHERE group_name = ?1 AND topic_id = ?2 AND partition_number = ?3)";

  /**
   * Its key is its group row's, which SQL knows by id. The left join shows a row whose group
   * somebody took away, so that it can be deleted.
   */
  private static final Table<GroupKey, OffsetCommitmentRow> OFFSET_COMMITMENTS =
      new Table<>(
          "offset_commitments",
          3,
          "SELECT c.id, g.group_name, g.topic_id, g.partition_number, c.topic_id,"
              + " c.partition_number, c.\"offset\", c.metadata, c.created_at FROM"
              + " offset_commitments c LEFT JOIN consumer_groups g ON g.id = c.consumer_group_id",
          "INSERT INTO offset_commitments"
              + " (consumer_group_id, topic_id, partition_number, \"offset\", metadata, created_at)"
              + " VALUES ("
              + GROUP_ID
              + ", ?4, ?5, ?6, ?7, ?8) ON CONFLICT (consumer_group_id) DO UPDATE SET"
              + " topic_id = excluded.topic_id, partition_number = excluded.partition_number,"
              + " \"offset\" = excluded.\"offset\", metadata = excluded.metadata,"
              + " created_at = excluded.created_at",
          "DELETE FROM offset_commitments WHERE consumer_group_id = " + GROUP_ID,
          ConsistentRows::offsetCommitments,
          row ->
              values(
                  row.groupName(),
                  row.topicId(),
                  row.partitionNumber(),
                  row.topicId(),
                  row.partitionNumber(),
                  row.offset(),
                  row.metadata(),
                  time(row.createdAtMs())));

  /** All of them, parents before children. */
  static final List<Table<?, ?>> ALL =
      List.of(
          CLUSTERS,
          BROKERS,
          TOPICS,
          PARTITIONS,
          PRODUCERS,
          CONSUMERS,
          CONSUMER_GROUPS,
          OFFSET_COMMITMENTS);

  private Tables() {}

  private static String time(long epochMs) {
    return TIME.format(Instant.ofEpochMilli(epochMs));
  }

  private static List<Object> values(Object... values) {
    return Collections.unmodifiableList(
        Arrays.asList(Arrays.stream(values).map(Tables::sqlValue).toArray()));
  }

  /** The value as SQLite has it: whole numbers are 64 bits. */
  static Object sqlValue(Object value) {
    return switch (value) {
      case null -> null;
      case Integer number -> number.longValue();
      case UUID id -> id.toString();
      case OptionalInt number -> number.isPresent() ? (long) number.getAsInt() : null;
      case OptionalLong number -> number.isPresent() ? number.getAsLong() : null;
      default -> value;
    };
  }
}
