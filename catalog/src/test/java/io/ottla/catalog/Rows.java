package io.ottla.catalog;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/** Snapshots for tests, and what the tables must show for them, computed without the catalog. */
final class Rows {
  static final UUID CLUSTER = new UUID(0xC, 1);
  static final long AT = Instant.parse("2026-01-02T03:04:05.678Z").toEpochMilli();
  static final String AT_TEXT = "2026-01-02T03:04:05.678Z";

  private static final String SELECT =
      """
      SELECT id, name, num_brokers, replication_factor, log_directory, partitions, retention_policies, created_at
        FROM clusters ORDER BY id;
      SELECT id, cluster_id, host, port, state, directory, created_at FROM brokers ORDER BY id;
      SELECT id, cluster_id, name, internal, partitions, retention_policies, retention_bytes, segment_bytes,
        compression, cleanup_policy, max_record_bytes, created_at FROM topics ORDER BY id;
      SELECT topic_id, partition_number, leader_broker_id, replicas, created_at
        FROM partitions ORDER BY topic_id, partition_number;
      SELECT id, cluster_id, name, created_at FROM producers ORDER BY id;
      SELECT id, cluster_id, group_name, created_at FROM consumers ORDER BY id;
      SELECT group_name, member_id, topic_id, partition_number, "offset", created_at
        FROM consumer_groups ORDER BY group_name, topic_id, partition_number;
      SELECT g.group_name, c.topic_id, c.partition_number, c."offset", c.metadata, c.created_at
        FROM offset_commitments c LEFT JOIN consumer_groups g ON g.id = c.consumer_group_id
        AND g.topic_id = c.topic_id AND g.partition_number = c.partition_number
        ORDER BY g.group_name, c.topic_id, c.partition_number;
      """;

  final List<BrokerRow> brokers = new ArrayList<>();
  final List<TopicRow> topics = new ArrayList<>();
  final List<PartitionRow> partitions = new ArrayList<>();
  final List<ProducerRow> producers = new ArrayList<>();
  final List<ConsumerRow> consumers = new ArrayList<>();
  final List<ConsumerGroupRow> groups = new ArrayList<>();
  final List<OffsetCommitmentRow> commits = new ArrayList<>();

  static ClusterRow cluster() {
    return new ClusterRow(CLUSTER, "c1", 3, 3, "c1", 3, 168, AT);
  }

  Rows broker(int id, String state) {
    brokers.add(new BrokerRow(id, CLUSTER, "127.0.0.1", 8080, state, "c1/broker-" + id, AT));
    return this;
  }

  Rows topic(UUID id, String name, int partitionCount) {
    topics.add(
        new TopicRow(
            id, CLUSTER, name, false, partitionCount, 0.5, -1, 4096, "lz4", "delete", 1000, AT));
    for (int p = 0; p < partitionCount; p++) {
      partition(id, p, 1 + p % 3);
    }
    return this;
  }

  Rows partition(UUID topic, int partition, int leader) {
    OptionalInt broker = leader == 0 ? OptionalInt.empty() : OptionalInt.of(leader);
    partitions.add(new PartitionRow(topic, partition, broker, List.of(1, 2, 3), AT));
    return this;
  }

  Rows producer(long id, String name) {
    producers.add(new ProducerRow(id, CLUSTER, name, AT));
    return this;
  }

  Rows consumer(long id, String group) {
    consumers.add(new ConsumerRow(id, CLUSTER, group, AT));
    return this;
  }

  Rows group(String group, String member, UUID topic, int partition, long offset) {
    groups.add(
        new ConsumerGroupRow(
            group,
            Optional.ofNullable(member),
            topic,
            partition,
            offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset),
            AT));
    return this;
  }

  Rows commit(String group, UUID topic, int partition, long offset) {
    commits.add(new OffsetCommitmentRow(group, topic, partition, offset, "note", AT));
    return this;
  }

  /** A small cluster with a row of every kind. */
  static Rows small() {
    UUID liked = new UUID(1, 1);
    return new Rows()
        .broker(1, "running")
        .broker(2, "running")
        .broker(3, "stopped")
        .topic(liked, "liked", 3)
        .topic(new UUID(1, 2), "shared", 1)
        .producer(1, "web-1")
        .consumer(1, "consumer-1")
        .consumer(2, "g1")
        .group("g1", "2", liked, 0, 17)
        .group("g1", null, liked, 1, -1)
        .group("consumer-1", "1", liked, 0, 3)
        .commit("g1", liked, 0, 17)
        .commit("consumer-1", liked, 0, 3);
  }

  CatalogSnapshot snapshot() {
    return new CatalogSnapshot(
        List.of(cluster()), brokers, topics, partitions, producers, consumers, groups, commits);
  }

  /** What {@link #shown} must say. */
  List<String> expected() {
    List<String> lines = new ArrayList<>();
    lines.add(CLUSTER + "|c1|3|3|c1|3|168.0|" + AT_TEXT);
    lines.addAll(
        lines(
            brokers,
            BrokerRow::id,
            row ->
                bar(row.id(), CLUSTER, "127.0.0.1", 8080, row.state(), row.directory(), AT_TEXT)));
    lines.addAll(
        lines(
            topics,
            row -> row.id().toString(),
            row ->
                bar(row.id(), CLUSTER, row.name(), 0, row.partitions(), 0.5, -1, 4096)
                    + "|lz4|delete|1000|"
                    + AT_TEXT));
    lines.addAll(
        lines(
            partitions,
            row -> String.format("%s %09d", row.topicId(), row.partitionNumber()),
            row ->
                bar(
                    row.topicId(),
                    row.partitionNumber(),
                    row.leaderBrokerId().isPresent() ? row.leaderBrokerId().getAsInt() : "",
                    "[1,2,3]",
                    AT_TEXT)));
    lines.addAll(
        lines(producers, ProducerRow::id, row -> bar(row.id(), CLUSTER, row.name(), AT_TEXT)));
    lines.addAll(
        lines(consumers, ConsumerRow::id, row -> bar(row.id(), CLUSTER, row.groupName(), AT_TEXT)));
    lines.addAll(
        lines(
            groups,
            row ->
                String.format("%s %s %09d", row.groupName(), row.topicId(), row.partitionNumber()),
            row ->
                bar(
                    row.groupName(),
                    row.memberId().orElse(""),
                    row.topicId(),
                    row.partitionNumber(),
                    row.offset().isPresent() ? row.offset().getAsLong() : "",
                    AT_TEXT)));
    lines.addAll(
        lines(
            commits,
            row ->
                String.format("%s %s %09d", row.groupName(), row.topicId(), row.partitionNumber()),
            row ->
                bar(
                    row.groupName(),
                    row.topicId(),
                    row.partitionNumber(),
                    row.offset(),
                    "note",
                    AT_TEXT)));
    return lines;
  }

  /** What the tables show, table by table; what SQLite itself finds wrong comes first. */
  static List<String> shown(Path file) throws Exception {
    List<String> lines =
        SqliteJudge.run(file, "PRAGMA integrity_check; PRAGMA foreign_key_check; " + SELECT);
    return lines.getFirst().equals("ok") ? lines.subList(1, lines.size()) : lines;
  }

  /** The ids that SQLite gave, by what they stand for. */
  static Map<String, String> givenIds(Path file) throws Exception {
    Map<String, String> ids = new HashMap<>();
    List<String> lines =
        SqliteJudge.run(
            file,
            "SELECT 'p ' || topic_id || ' ' || partition_number, id FROM partitions;SELECT 'g ' ||"
                + " group_name || ' ' || topic_id || ' ' || partition_number, id FROM"
                + " consumer_groups;SELECT 'c ' || group_name || ' ' || g.topic_id || ' ' ||"
                + " g.partition_number, c.id FROM offset_commitments c JOIN consumer_groups g ON"
                + " g.id = consumer_group_id;");
    for (String line : lines) {
      int bar = line.lastIndexOf('|');
      ids.put(line.substring(0, bar), line.substring(bar + 1));
    }
    return ids;
  }

  private static <R, K extends Comparable<K>> List<String> lines(
      List<R> rows, Function<R, K> order, Function<R, String> line) {
    return rows.stream().sorted(Comparator.comparing(order)).map(line).toList();
  }

  private static String bar(Object... values) {
    return String.join("|", Stream.of(values).map(String::valueOf).toList());
  }
}
