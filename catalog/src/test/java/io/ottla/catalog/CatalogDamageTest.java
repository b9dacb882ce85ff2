package io.ottla.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person, a bad disk or another version may do to the file. */
class CatalogDamageTest {
  @TempDir private Path directory;
  private Path file;
  private final Rows rows = Rows.small();

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("catalog.db");
  }

  @Test
  void missingFileIsMadeAnew() throws Exception {
    projectOnce();
    Files.delete(file);

    projectOnce();

    assertThat(damaged()).isEmpty();
  }

  @Test
  void garbageIsSetAside() throws Exception {
    byte[] garbage = new byte[10_000];
    new Random(1).nextBytes(garbage);
    Files.write(file, garbage);

    projectOnce();

    assertThat(damaged()).containsExactly("catalog.db.damaged-1");
    assertThat(directory.resolve("catalog.db.damaged-1")).hasBinaryContent(garbage);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 100, 4095, 4096, 10_000, 40_000})
  void truncatedFileIsMadeAnew(int length) throws Exception {
    projectOnce();
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }

    projectOnce();
  }

  @Test
  void anyFlippedBitIsFoundOrHarmless() throws Exception {
    projectOnce();
    byte[] whole = Files.readAllBytes(file);
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);

    for (int i = 0; i < 60; i++) {
      byte[] flipped = whole.clone();
      int at = i < 30 ? random.nextInt(200) : random.nextInt(whole.length);
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, flipped);
      try (Catalog catalog = Catalog.open(file)) {
        assertThat(catalog.project(rows.snapshot())).as("seed " + seed).isTrue();
      }
      assertThat(Rows.shown(file)).as("seed " + seed + " byte " + at).isEqualTo(rows.expected());
    }
    assertThat(damaged()).hasSizeLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DROP TABLE partitions",
        "DROP INDEX partitions_of_leader",
        "ALTER TABLE topics ADD COLUMN mine TEXT",
        "ALTER TABLE topics RENAME COLUMN name TO title",
        "CREATE UNIQUE INDEX mine ON partitions (leader_broker_id, topic_id)",
        "CREATE TRIGGER mine BEFORE INSERT ON producers BEGIN SELECT RAISE(ABORT, 'no'); END",
        "PRAGMA user_version = 99",
        "PRAGMA user_version = -1",
        "PRAGMA user_version = 0",
        "PRAGMA application_id = 7",
        "CREATE TABLE mine (t TEXT REFERENCES topics(id)); INSERT INTO mine SELECT id FROM topics",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 3 WHERE name = 'topics'"
      })
  void fileThatIsNoLongerACatalogIsSetAside(String edit) throws Exception {
    projectOnce();
    SqliteJudge.run(file, edit);

    try (Catalog catalog = Catalog.open(file)) {
      Rows changed = new Rows().broker(1, "running").topic(new UUID(8, 8), "n", 1);
      assertThat(catalog.project(changed.producer(9, "p").snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(changed.expected());

      SqliteJudge.run(file, edit.contains("mine") ? "SELECT 1" : edit);
      assertThat(catalog.project(rows.snapshot())).as("while it is open").isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
    assertThat(damaged()).isNotEmpty().hasSizeLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM offset_commitments",
        "PRAGMA foreign_keys = ON; DELETE FROM clusters",
        "DELETE FROM topics",
        "DELETE FROM consumer_groups",
        "UPDATE topics SET name = 'mine' WHERE name = 'liked'",
        "UPDATE topics SET id = 'x', retention_policies = 'text' WHERE name = 'liked'",
        "UPDATE partitions SET leader_broker_id = 77, partition_number = partition_number + 100",
        "UPDATE consumer_groups SET group_name = 'zz', \"offset\" = 5 WHERE group_name = 'g1'",
        "UPDATE offset_commitments SET \"offset\" = -9, topic_id = 'nowhere'",
        "UPDATE offset_commitments SET consumer_group_id = consumer_group_id + 50",
        "UPDATE brokers SET port = x'00'",
        "INSERT INTO producers SELECT id + 1, cluster_id, name, created_at FROM producers",
        "CREATE TABLE notes (text TEXT); CREATE VIEW lag AS SELECT * FROM partitions",
        "VACUUM"
      })
  void editsArePutRight(String edit) throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
      SqliteJudge.run(file, edit);

      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
    if (!edit.startsWith("CREATE")) {
      SqliteJudge.run(file, edit);
    }
    projectOnce();
    assertThat(damaged()).isEmpty();
  }

  @Test
  void anotherProgramsFileIsSetAside() throws Exception {
    SqliteJudge.run(file, "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('precious')");

    projectOnce();

    assertThat(SqliteJudge.run(directory.resolve("catalog.db.damaged-1"), "SELECT * FROM notes"))
        .containsExactly("precious");
  }

  @Test
  void directoryOrLinkInItsPlaceIsSetAside() throws Exception {
    Files.createDirectories(file.resolve("sub"));
    projectOnce();
    assertThat(directory.resolve("catalog.db.damaged-1/sub")).isDirectory();

    Files.delete(file);
    Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "untouched", UTF_8);
    Files.createSymbolicLink(file, elsewhere);
    projectOnce();
    assertThat(elsewhere).hasContent("untouched");
    assertThat(file).isRegularFile();
  }

  @Test
  void onlyTheNewestDamagedOnesAreKept() throws Exception {
    for (int i = 1; i <= 5; i++) {
      Files.writeString(file, "garbage ".repeat(200) + i, UTF_8);
      projectOnce();
    }

    assertThat(damaged()).containsExactly("catalog.db.damaged-4", "catalog.db.damaged-5");
    assertThat(Files.readString(directory.resolve("catalog.db.damaged-5"))).endsWith("5");
  }

  @Test
  void fileTakenAwayWhileOpenIsMadeAnew() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
      Files.delete(file);
      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());

      Files.delete(directory.resolve("catalog.db-wal"));
      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());

      Files.move(file, directory.resolve("mine.db"));
      Files.writeString(file, "garbage ".repeat(1000), UTF_8);
      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
  }

  @Test
  void fileOverwrittenWhileOpenIsMadeAnew() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
      SqliteJudge.run(file, "PRAGMA wal_checkpoint(TRUNCATE)");
      byte[] garbage = new byte[(int) Files.size(file)];
      new Random(2).nextBytes(garbage);
      try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(garbage));
      }

      for (int i = 0; i < 3; i++) {
        rows.producer(100 + i, "more");
        assertThat(catalog.project(rows.snapshot())).isTrue();
      }
    }
    projectOnce();
  }

  @Test
  void rebuiltCatalogGoesOnAsBefore() throws Exception {
    Files.writeString(file, "garbage ".repeat(1000), UTF_8);
    projectOnce();
    Map<String, String> ids = Rows.givenIds(file);

    projectOnce();

    assertThat(Rows.givenIds(file)).isEqualTo(ids);
  }

  @Test
  void missingDirectoryIsADiskFailure() {
    assertThatThrownBy(() -> Catalog.open(directory.resolve("gone/catalog.db")))
        .isInstanceOf(IOException.class);
  }

  private void projectOnce() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      assertThat(catalog.project(rows.snapshot())).isTrue();
    }
    assertThat(Rows.shown(file)).isEqualTo(rows.expected());
  }

  private List<String> damaged() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.matches("catalog\\.db\\.damaged-[0-9]+"))
          .sorted()
          .toList();
    }
  }
}
