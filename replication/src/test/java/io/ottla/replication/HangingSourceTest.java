package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica is rebuilt while the disk of the member that would be its source hangs. */
class HangingSourceTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path directory;
  private final HangingDisk disk = new HangingDisk();

  private TestCluster cluster() throws Exception {
    TestCluster cluster =
        new TestCluster(directory, 3, 1, TestCluster.stalledAfter(Duration.ofSeconds(1)));
    cluster.disk = disk.disk();
    cluster.startAll();
    cluster.submitUntilApplied(1, "first");
    cluster.awaitEqual(1);
    cluster.awaitPreferredLeader(1);
    return cluster;
  }

  private void assertRebuiltFromAnother(TestCluster cluster) throws Exception {
    RegisterState before = cluster.state(2, 1);

    cluster.brokers.get(2).rebuild(1);

    Awaitility.await()
        .atMost(SOON)
        .until(() -> cluster.state(2, 1) != before && cluster.brokers.get(2).status(1).running());
    assertThat(cluster.state(2, 1).payloads()).contains("first");
    CompletableFuture<Void> stopped =
        CompletableFuture.runAsync(
            () -> cluster.stop(2), task -> Thread.ofPlatform().daemon().start(task));
    stopped.get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aSourceThatNeverTakesItsCheckpointIsLeftForAnother() throws Exception {
    try (TestCluster cluster = cluster()) {
      try (disk) {
        disk.hang(cluster.brokerDirectory(1).resolve("registers/group-1"));
        cluster.submitUntilApplied(1, "to be in the next checkpoint");

        assertRebuiltFromAnother(cluster);
      }
    }
  }

  @Test
  void aSourceWhoseFilesCannotBeReadIsLeftForAnother() throws Exception {
    try (TestCluster cluster = cluster()) {
      try (disk) {
        disk.hang(cluster.brokerDirectory(1).resolve("registers/group-1/entries"));

        assertRebuiltFromAnother(cluster);
      }
    }
  }
}
