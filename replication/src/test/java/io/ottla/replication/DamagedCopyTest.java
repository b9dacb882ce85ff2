package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedCopyTest {
  @TempDir Path directory;

  /** Whether the replica took part, at each time that a copy of it was complete. */
  private final List<Boolean> tookPart = new CopyOnWriteArrayList<>();

  @Test
  void aReplicaWhoseCopyWasDamagedBeforeTheSwapTakesNoPartUntilTheNextOneIsThere()
      throws Exception {
    TestCluster cluster = new TestCluster(directory, 3, 1, ReplicationSettings.forTests());
    cluster.disk =
        HookedDisk.after(
            (operation, path) -> {
              if (operation.equals("writeDurably") && path.endsWith("ready")) {
                tookPart.add(cluster.brokers.get(2).status(1).running());
                if (tookPart.size() == 1) {
                  Files.write(path.resolveSibling("checkpoint"), new byte[0]);
                }
              }
            });
    try (cluster) {
      cluster.startAll();
      cluster.submitUntilApplied(1, "first");
      cluster.awaitEqual(1);
      cluster.awaitPreferredLeader(1);
      RegisterState before = cluster.state(2, 1);
      before.failNextApply = new ReplicatedState.LostReplicaException("a damaged batch");

      cluster.submitUntilApplied(1, "then");

      Awaitility.await().until(() -> cluster.brokers.get(2).status(1).running());
      Awaitility.await().until(() -> cluster.state(2, 1) != before);
      cluster.awaitEqual(1);
      assertThat(tookPart).containsExactly(false, false);
      assertThat(cluster.state(2, 1).payloads()).containsExactly("first", "then");
      assertThat(cluster.failures).isEmpty();
    }
  }
}
