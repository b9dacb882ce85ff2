package io.ottla.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random snapshots, restarts and edits, against the rows themselves. A failure names its seed;
 * {@code -Dseed=…} plays it again.
 */
class CatalogRandomTest {
  private static final List<String> EDITS =
      List.of(
          "DELETE FROM partitions WHERE partition_number % 2 = 0",
          "UPDATE consumer_groups SET member_id = 'me'",
          "PRAGMA foreign_keys = ON; DELETE FROM topics WHERE name LIKE '%2'",
          "DELETE FROM topics WHERE name LIKE '%1'",
          "UPDATE offset_commitments SET \"offset\" = \"offset\" + 1",
          "INSERT INTO consumers SELECT id + 1000, id, 'mine', 'now' FROM clusters",
          "DELETE FROM brokers");

  @TempDir private Path directory;

  @Test
  void fileShowsEverySnapshotAndKeepsIds() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Path file = directory.resolve("catalog.db");
    Catalog catalog = Catalog.open(file);
    Map<String, String> ids = new HashMap<>();
    boolean edited = false;
    for (int step = 0; step < 60; step++) {
      String where = "seed " + seed + " step " + step;
      Rows rows = randomRows(random);
      assertThat(catalog.project(rows.snapshot())).as(where).isTrue();

      assertThat(Rows.shown(file)).as(where).isEqualTo(rows.expected());
      Map<String, String> now = Rows.givenIds(file);
      if (!edited) {
        Map<String, String> stayed = new HashMap<>(now);
        stayed.keySet().retainAll(ids.keySet());
        assertThat(ids).as(where).containsAllEntriesOf(stayed);
      }
      ids = now;
      edited = random.nextInt(5) == 0;
      if (edited) {
        SqliteJudge.run(file, EDITS.get(random.nextInt(EDITS.size())));
      }
      if (random.nextInt(4) == 0) {
        catalog.close();
        catalog = Catalog.open(file);
      }
    }
    catalog.close();
    try (var files = Files.list(directory)) {
      assertThat(files).as("seed " + seed).containsExactly(file);
    }
  }

  private static Rows randomRows(Random random) {
    Rows rows = new Rows();
    for (int broker = 1; broker <= 3; broker++) {
      rows.broker(broker, random.nextInt(4) == 0 ? "stopped" : "running");
    }
    for (int topic = 0; topic < 4; topic++) {
      if (random.nextInt(4) == 0) {
        continue;
      }
      UUID id = new UUID(3, topic * 2L + random.nextInt(2));
      int partitions = 1 + random.nextInt(4);
      rows.topic(id, "t" + topic, 0);
      for (int p = 0; p < partitions; p++) {
        rows.partition(id, p, random.nextInt(4));
        for (String group : List.of("g1", "g2")) {
          if (random.nextBoolean()) {
            rows.group(group, random.nextBoolean() ? "m" : null, id, p, random.nextInt(9) - 1);
            if (random.nextBoolean()) {
              rows.commit(group, id, p, random.nextInt(100));
            }
          }
        }
      }
    }
    for (int id = 1; id <= 5; id++) {
      if (random.nextBoolean()) {
        rows.producer(id, "p" + random.nextInt(2));
      }
      if (random.nextBoolean()) {
        rows.consumer(id, "g" + random.nextInt(2));
      }
    }
    return rows;
  }
}
