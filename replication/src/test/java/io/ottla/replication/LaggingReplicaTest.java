package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a group when a member is behind its leader's purge. */
class LaggingReplicaTest {
  @TempDir Path directory;

  private TestCluster cluster() throws Exception {
    return new TestCluster(directory, 3, 1, ReplicationSettings.forTests()).startAll();
  }

  private static void write(TestCluster cluster, String name, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      cluster.submitUntilApplied(1, name + "-" + i + "-" + "x".repeat(1_000));
    }
  }

  /** Broker 2 ends behind what 1 and 3 keep. */
  private static void leaveBehind(TestCluster cluster) throws Exception {
    write(cluster, "first", 20);
    cluster.awaitEqual(1);
    cluster.crash(2);
    write(cluster, "away", 300);
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () ->
                Math.min(RebuildTest.journalStart(cluster, 1), RebuildTest.journalStart(cluster, 3))
                    > 30);
  }

  @Test
  void oneLostDiskAndOneThatOnlyLagsDoNotEndTheGroup() throws Exception {
    try (TestCluster cluster = cluster()) {
      leaveBehind(cluster);
      cluster.crashAll();
      new SystemDisk().deleteTree(cluster.brokerDirectory(1));

      cluster.start(3, true);
      cluster.start(2, true);
      cluster.start(1, true);

      write(cluster, "again", 5);
      cluster.awaitEqual(1);
      for (int id = 1; id <= 3; id++) {
        assertThat(cluster.state(id, 1).payloads()).hasSize(325).doesNotHaveDuplicates();
      }
      assertThat(cluster.failures).isEmpty();
    }
  }

  @Test
  void aMemberBehindThePurgeIsRebuiltThoughItsLeaderHasNoMajorityWithoutIt() throws Exception {
    try (TestCluster cluster = cluster()) {
      leaveBehind(cluster);
      cluster.crashAll();

      cluster.start(3, true);
      cluster.start(2, true);

      write(cluster, "again", 5);
      cluster.awaitEqual(1);
      assertThat(cluster.state(2, 1).payloads()).hasSize(325);
    }
  }

  @Test
  void aMemberThatWasAwayIsRebuiltOnceAndThenFollowsFromTheJournal() throws Exception {
    try (TestCluster cluster = cluster()) {
      leaveBehind(cluster);
      cluster.start(2, true);
      RegisterState restarted = cluster.state(2, 1);
      Awaitility.await().until(() -> cluster.state(2, 1) != restarted);
      RegisterState rebuilt = cluster.state(2, 1);

      cluster.awaitEqual(1);
      write(cluster, "again", 50);
      cluster.awaitEqual(1);

      assertThat(cluster.state(2, 1)).isSameAs(rebuilt);
      assertThat(rebuilt.payloads()).hasSize(370);
    }
  }

  @Test
  void leadershipOfAnIdleGroupComesHomeAfterARebuild() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 20);
      cluster.awaitEqual(1);
      Awaitility.await().until(() -> cluster.awaitLeader(1).brokerId() == 1);
      cluster.crash(1);
      Awaitility.await().until(() -> cluster.awaitLeader(1).brokerId() != 1);
      new SystemDisk().deleteTree(cluster.brokerDirectory(1));

      cluster.start(1, true);

      Awaitility.await()
          .atMost(Duration.ofSeconds(8))
          .until(() -> cluster.awaitLeader(1).brokerId() == 1);
      cluster.awaitEqual(1);
      assertThat(cluster.state(1, 1).payloads()).hasSize(20);
    }
  }
}
