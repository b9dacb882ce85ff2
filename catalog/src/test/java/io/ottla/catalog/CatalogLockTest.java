package io.ottla.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody has the file open, in a transaction that does not end. */
@Timeout(60)
class CatalogLockTest {
  private static final Duration SOON = Duration.ofSeconds(3);

  @TempDir private Path directory;
  private Path file;
  private final Rows rows = Rows.small();

  @BeforeEach
  void projectOnce() throws Exception {
    file = directory.resolve("catalog.db");
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
    }
  }

  @Test
  void readerHindersNobody() throws Exception {
    try (Catalog catalog = Catalog.open(file);
        AutoCloseable reader = SqliteJudge.hold(file, "BEGIN; SELECT count(*) FROM topics")) {
      assertThat(reader).isNotNull();
      rows.producer(2, "web-2");
      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
  }

  @Test
  void writerDelaysUntilItLetsGo() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
      try (AutoCloseable writer =
          SqliteJudge.hold(file, "BEGIN IMMEDIATE; DELETE FROM producers")) {
        assertThat(writer).isNotNull();
        assertThat(catalog.project(rows.snapshot())).as("nothing to write").isTrue();
        rows.producer(2, "web-2");
        long startNanos = System.nanoTime();
        assertThat(catalog.project(rows.snapshot())).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(SOON);
      }

      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BEGIN IMMEDIATE; DELETE FROM topics",
        "BEGIN EXCLUSIVE",
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM topics"
      })
  void lockedFileIsOpenedOnceItIsFree(String lock) throws Exception {
    rows.producer(2, "web-2");
    Catalog catalog;
    try (AutoCloseable holder = SqliteJudge.hold(file, lock)) {
      assertThat(holder).isNotNull();
      long startNanos = System.nanoTime();
      catalog = Catalog.open(file);
      assertThat(catalog.project(rows.snapshot())).isFalse();
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(SOON);
    }
    try (catalog) {
      assertThat(catalog.project(rows.snapshot())).isTrue();
    }

    assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    try (var files = Files.list(directory)) {
      assertThat(files).as("nothing was set aside").hasSize(1);
    }
  }

  @Test
  void writerThatCommitsIsOverruled() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
      AutoCloseable writer = SqliteJudge.hold(file, "BEGIN IMMEDIATE; DELETE FROM producers");
      rows.producer(2, "web-2");
      assertThat(catalog.project(rows.snapshot())).isFalse();
      writer.close();
      SqliteJudge.run(file, "DELETE FROM producers; DELETE FROM consumers");

      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
  }

  @Test
  void readerThatNeverEndsCostsBoundedDisk() throws Exception {
    long limitBytes = 300_000;
    Path wal = directory.resolve("catalog.db-wal");
    try (Catalog catalog = Catalog.open(file, Schema.current(), limitBytes)) {
      catalog.project(rows.snapshot());
      try (AutoCloseable reader = SqliteJudge.hold(file, "BEGIN; SELECT count(*) FROM topics")) {
        assertThat(reader).isNotNull();
        boolean shown = true;
        for (int topic = 0; shown && topic < 200; topic++) {
          rows.topic(new UUID(6, topic), "t" + topic, 20);
          shown = catalog.project(rows.snapshot());
        }
        assertThat(shown).isFalse();
        assertThat(Files.size(wal)).isLessThan(2 * limitBytes);
      }

      assertThat(catalog.project(rows.snapshot())).isTrue();
      assertThat(Files.size(wal)).isLessThan(2 * limitBytes);
      assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    }
  }
}
