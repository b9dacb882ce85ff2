package io.ottla.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaTest {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  @TempDir private Path directory;
  private Path file;
  private final Rows rows = Rows.small();

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("catalog.db");
  }

  @Test
  void everyReleasedVersionBecomesTheCurrentOne() throws Exception {
    List<String> steps = Schema.released();
    assertThat(steps).hasSizeGreaterThanOrEqualTo(2);
    for (int version = 1; version <= steps.size(); version++) {
      Path old = directory.resolve("version-" + version + ".db");
      try (Catalog catalog = Catalog.open(old, new Schema(steps.subList(0, version)), NO_LIMIT)) {
        catalog.project(rows.snapshot());
      }
      assertThat(SqliteJudge.run(old, "PRAGMA user_version")).containsExactly("" + version);
      Map<String, String> ids = Rows.givenIds(old);

      try (Catalog catalog = Catalog.open(old)) {
        assertThat(Rows.shown(old)).as("before it is projected to").isEqualTo(rows.expected());
        catalog.project(rows.snapshot());
      }

      assertThat(SqliteJudge.run(old, "PRAGMA user_version")).containsExactly("" + steps.size());
      assertThat(Rows.shown(old)).isEqualTo(rows.expected());
      assertThat(Rows.givenIds(old)).isEqualTo(ids);
      assertThat(directory.resolve("version-" + version + ".db.damaged-1")).doesNotExist();
    }
  }

  @Test
  void laterStepKeepsTheRows() throws Exception {
    List<String> steps = new ArrayList<>(Schema.released());
    steps.add("ALTER TABLE producers ADD COLUMN note TEXT NOT NULL DEFAULT 'none';");
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
    }
    Map<String, String> ids = Rows.givenIds(file);

    try (Catalog catalog = Catalog.open(file, new Schema(steps), NO_LIMIT)) {
      rows.producer(2, "web-2");
      catalog.project(rows.snapshot());
    }

    assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    assertThat(Rows.givenIds(file)).isEqualTo(ids);
    assertThat(SqliteJudge.run(file, "SELECT name, note FROM producers ORDER BY id"))
        .containsExactly("web-1|none", "web-2|none");
  }

  @Test
  void newerVersionIsSetAsideAndMadeAnew() throws Exception {
    List<String> steps = new ArrayList<>(Schema.released());
    steps.add("CREATE TABLE later (id INTEGER PRIMARY KEY);");
    try (Catalog catalog = Catalog.open(file, new Schema(steps), NO_LIMIT)) {
      catalog.project(rows.snapshot());
    }

    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
    }

    assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    assertThat(Files.exists(directory.resolve("catalog.db.damaged-1"))).isTrue();
  }

  @Test
  void stepIsTakenEntirelyOrNotAtAll() throws Exception {
    try (Catalog catalog = Catalog.open(file)) {
      catalog.project(rows.snapshot());
    }
    SqliteJudge.run(file, "PRAGMA user_version = 1");

    try (Catalog catalog = Catalog.open(file)) {
      assertThat(catalog.project(rows.snapshot())).isTrue();
    }

    assertThat(Rows.shown(file)).isEqualTo(rows.expected());
    assertThat(SqliteJudge.run(directory.resolve("catalog.db.damaged-1"), "PRAGMA user_version"))
        .as("its indexes were in the way of step 2")
        .containsExactly("1");
  }
}
