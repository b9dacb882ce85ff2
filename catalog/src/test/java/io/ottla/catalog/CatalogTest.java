package io.ottla.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {
  private static final UUID LIKED = new UUID(1, 1);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("catalog.db");
  }

  @Test
  void everyTableShowsTheSnapshot() throws Exception {
    Rows rows = Rows.small();

    try (Catalog catalog = Catalog.open(file)) {
      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
    assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    assertThat(SqliteJudge.run(file, "PRAGMA journal_mode")).containsExactly("wal");
  }

  @Test
  void columnsAreThoseOfTheRequest() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(Rows.small().snapshot());
    }

    assertThat(SqliteJudge.run(file, "SELECT id, host, port, created_at FROM brokers")).hasSize(3);
    assertThat(SqliteJudge.run(file, "SELECT id, name FROM topics")).hasSize(2);
    assertThat(
            SqliteJudge.run(
                file,
                "SELECT id, topic_id, partition_number, leader_broker_id, replicas, created_at FROM"
                    + " partitions"))
        .hasSize(4);
    assertThat(
            SqliteJudge.run(
                file,
                "SELECT id, group_name, member_id, topic_id, partition_number, offset, created_at"
                    + " FROM consumer_groups"))
        .hasSize(3);
    assertThat(
            SqliteJudge.run(
                file,
                "SELECT id, consumer_group_id, topic_id, partition_number, offset, created_at"
                    + " FROM offset_commitments"))
        .hasSize(2);
    assertThat(SqliteJudge.run(file, "SELECT id, name FROM producers")).containsExactly("1|web-1");
    assertThat(
            SqliteJudge.run(
                file,
                "SELECT b.id, count(*) FROM partitions p, json_each(p.replicas) r JOIN brokers b"
                    + " ON b.id = r.value GROUP BY b.id"))
        .containsExactly("1|4", "2|4", "3|4");
  }

  @Test
  void childrenGoWithTheirParents() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(Rows.small().snapshot());
    }

    SqliteJudge.run(file, "PRAGMA foreign_keys = ON; DELETE FROM topics WHERE name = 'liked'");
    assertThat(SqliteJudge.run(file, "SELECT count(*) FROM partitions")).containsExactly("1");
    assertThat(SqliteJudge.run(file, "SELECT count(*) FROM offset_commitments"))
        .containsExactly("0");
    SqliteJudge.run(file, "PRAGMA foreign_keys = ON; DELETE FROM clusters");
    for (Table<?, ?> table : Tables.ALL) {
      assertThat(SqliteJudge.run(file, "SELECT count(*) FROM " + table.name()))
          .as(table.name())
          .containsExactly("0");
    }
  }

  @Test
  void rowsKeepTheirIdsWhileTheyStay() throws Exception {
    Rows rows = Rows.small();
    Map<String, String> before;
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
      before = Rows.givenIds(file);

      rows.partitions.replaceAll(
          row ->
              new PartitionRow(
                  row.topicId(),
                  row.partitionNumber(),
                  OptionalInt.of(2),
                  row.replicas(),
                  row.createdAtMs()));
      rows.commits.replaceAll(
          row ->
              new OffsetCommitmentRow(
                  row.groupName(), row.topicId(), row.partitionNumber(), 99, "note", Rows.AT));
      rows.topic(new UUID(0, 0), "earlier in every order", 2);
      catalog.project(rows.snapshot());
      assertThat(Rows.givenIds(file)).containsAllEntriesOf(before).hasSize(before.size() + 2);
    }
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
    }

    assertThat(Rows.givenIds(file)).containsAllEntriesOf(before);
    assertThat(Rows.shown(file)).isEqualTo(rows.expected());
  }

  @Test
  void topicMadeAgainUnderItsNameIsAnotherRow() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(Rows.small().snapshot());
      Rows again = new Rows().broker(1, "running").topic(new UUID(9, 9), "liked", 1);
      assertThat(catalog.project(again.snapshot())).isTrue();

      assertThat(Rows.shown(file)).isEqualTo(again.expected());
    }
  }

  @Test
  void nothingIsWrittenWhenNothingChanged() throws Exception {
    try (Catalog catalog = Catalog.open(file);
        Connection watcher = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      catalog.project(Rows.small().snapshot());
      long before = dataVersion(watcher);
      catalog.project(Rows.small().snapshot());
      assertThat(dataVersion(watcher)).isEqualTo(before);

      catalog.project(Rows.small().producer(2, "web-2").snapshot());
      assertThat(dataVersion(watcher)).isNotEqualTo(before);
    }
  }

  @Test
  void fewChangesInTenThousandPartitionsAreQuick() throws Exception {
    Rows rows = new Rows().broker(1, "running").broker(2, "running").broker(3, "running");
    for (int topic = 0; topic < 100; topic++) {
      rows.topic(new UUID(5, topic), "t" + topic, 100);
    }
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 10; i++) {
          PartitionRow row = rows.partitions.get(i * 997 + round);
          int leader = 1 + row.leaderBrokerId().getAsInt() % 3;
          rows.partitions.set(
              i * 997 + round,
              new PartitionRow(
                  row.topicId(),
                  row.partitionNumber(),
                  OptionalInt.of(leader),
                  row.replicas(),
                  Rows.AT));
        }
        CatalogSnapshot snapshot = rows.snapshot();
        long walBefore = Files.size(directory.resolve("catalog.db-wal"));
        catalog.project(snapshot);
        assertThat(Files.size(directory.resolve("catalog.db-wal")) - walBefore)
            .as("bytes written for ten rows")
            .isLessThan(200_000);
      }

      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
  }

  @Test
  void rowsThatDoNotFitTogetherAreMadeToFit() throws Exception {
    Rows rows = Rows.small();
    List<String> expected = new Rows().expected();
    rows.partition(new UUID(7, 7), 0, 1)
        .partition(LIKED, 3, 9)
        .group("g2", "x", new UUID(7, 7), 0, 1)
        .commit("g2", new UUID(7, 7), 0, 1)
        .commit("g3", LIKED, 2, 5);
    rows.topics.add(rows.topics.getFirst());
    rows.brokers.add(
        new BrokerRow(4, new UUID(7, 7), "127.0.0.1", 1, "running", "c1/broker-4", Rows.AT));

    try (Catalog catalog = Catalog.open(file)) {
      assertThat(catalog.project(rows.snapshot())).isTrue();
    }

    Rows fitting = Rows.small().partition(LIKED, 3, 0);
    fitting.group("g3", null, LIKED, 2, 5).commit("g3", LIKED, 2, 5);
    assertThat(Rows.shown(file)).isEqualTo(fitting.expected()).containsAll(expected);
  }

  @Test
  void closedCatalogIsNotTouchedAgain() throws Exception {
    Catalog catalog = Catalog.open(file);
    catalog.project(Rows.small().snapshot());
    catalog.close();
    catalog.close();
    Files.delete(file);

    assertThat(catalog.project(Rows.small().snapshot())).isFalse();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void onlyTheOwnerMayReadTheFiles() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(Rows.small().snapshot());

      for (String name : List.of("catalog.db", "catalog.db-wal", "catalog.db-shm")) {
        assertThat(
                PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(directory.resolve(name))))
            .as(name)
            .isEqualTo("rw-------");
      }
    }
  }

  @Test
  void pathMayHoldAnyCharacter() throws Exception {
    Path odd = Files.createDirectory(directory.resolve("a b?c=1&ü%41#x;'"));

    try (Catalog catalog = Catalog.open(odd.resolve("catalog.db"))) {
      catalog.project(Rows.small().snapshot());
    }

    assertThat(Rows.shown(odd.resolve("catalog.db"))).isEqualTo(Rows.small().expected());
    try (var files = Files.list(odd)) {
      assertThat(files).hasSize(1);
    }
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(odd);
    }
  }

  private static long dataVersion(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("PRAGMA data_version")) {
      return result.getLong(1);
    }
  }
}
