package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.replication.ReplicationGroup.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
  @TempDir Path directory;

  @Test
  void everyEntryIsAppliedOnceThroughCrashesAndRestartsAtRandomPoints() throws Exception {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    Random random = new Random(seed);
    Set<String> refused = new HashSet<>();
    List<String> acked = new ArrayList<>();
    int down = 0;
    try (TestCluster cluster =
        new TestCluster(directory, 3, 1, ReplicationSettings.forTests()).startAll()) {
      for (int event = 0; event < 7; event++) {
        int count = 20 + random.nextInt(60);
        for (int i = 0; i < count; i++) {
          String payload = event + "-" + i + "-" + "x".repeat(random.nextInt(2_000));
          switch (cluster.submit(1, payload)) {
            case Outcome.Applied applied -> acked.add(payload);
            case Outcome.NotAppended no -> refused.add(payload);
            case Outcome.Unknown unknown -> {}
          }
        }
        if (down > 0) {
          cluster.start(down, true);
          down = 0;
        } else if (random.nextInt(4) == 0) {
          cluster.crashAll();
          for (int id = 1; id <= 3; id++) {
            cluster.start(id, true);
          }
        } else {
          down = 1 + random.nextInt(3);
          if (random.nextBoolean()) {
            cluster.crash(down);
          } else {
            cluster.stop(down);
          }
        }
      }
      if (down > 0) {
        cluster.start(down, true);
      }

      cluster.submitUntilApplied(1, "last");

      cluster.awaitEqual(1);
      List<String> found = cluster.state(1, 1).payloads();
      assertThat(found).as("seed %d", seed).doesNotHaveDuplicates().containsSubsequence(acked);
      assertThat(found).as("seed %d", seed).noneMatch(refused::contains);
      assertThat(cluster.failures).as("seed %d", seed).isEmpty();
    }
  }
}
