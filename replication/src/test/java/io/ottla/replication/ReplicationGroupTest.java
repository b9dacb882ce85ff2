package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationGroupTest {
  @TempDir Path directory;

  @Test
  void everyReplicaAppliesWhatWasSubmittedOnce() throws Exception {
    try (TestCluster cluster =
        new TestCluster(directory, 3, 1, ReplicationSettings.forTests()).startAll()) {
      for (int i = 0; i < 200; i++) {
        cluster.submitUntilApplied(1, "entry-" + i);
      }
      cluster.awaitEqual(1);
      for (int id = 1; id <= 3; id++) {
        assertThat(cluster.state(id, 1).payloads()).hasSize(200).startsWith("entry-0");
      }
    }
  }
}
