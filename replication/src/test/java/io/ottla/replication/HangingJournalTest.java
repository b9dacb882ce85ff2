package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.replication.ReplicationGroup.Outcome;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLogBase;
import org.apache.ratis.util.AutoCloseableLock;
import org.apache.ratis.util.TimeDuration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk of one broker hangs while clients go on: its journal's queue fills, in its lock. */
class HangingJournalTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path directory;
  private final HangingDisk disk = new HangingDisk();

  private TestCluster cluster(Duration stalledAfter) throws Exception {
    TestCluster cluster = new TestCluster(directory, 3, 1, TestCluster.stalledAfter(stalledAfter));
    cluster.disk = disk.disk();
    cluster.startAll();
    cluster.submitUntilApplied(1, "first");
    cluster.awaitEqual(1);
    cluster.awaitPreferredLeader(1);
    return cluster;
  }

  /** The leader, broker 1, holds its journal's lock from now on. */
  private void fillJournalOfLeader(TestCluster cluster) {
    RaftLogBase journal = journal(cluster);
    disk.hang(cluster.brokerDirectory(1));
    AtomicBoolean locked = new AtomicBoolean();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              while (!locked.get()) {
                // It may have lost its leadership just before; then it gets it back.
                var _ =
                    replica(cluster)
                        .submit(replica(cluster).status().term(), ByteBuffer.allocate(1_000));
                LockSupport.parkNanos(10_000);
              }
            });
    Awaitility.await().atMost(SOON).until(() -> isLocked(journal));
    locked.set(true);
  }

  /** Broker 1's. */
  private static GroupReplica replica(TestCluster cluster) {
    RaftGroupId group = RaftGroupId.valueOf(cluster.network.spec(1).id());
    return cluster.network.rpc(cluster.network.peerId(1)).connectedReplica(group).orElseThrow();
  }

  private static RaftLogBase journal(TestCluster cluster) {
    return (RaftLogBase) replica(cluster).division().getRaftLog();
  }

  private static boolean isLocked(RaftLogBase journal) throws InterruptedException {
    try (AutoCloseableLock lock = journal.tryWriteLock(TimeDuration.ONE_SECOND)) {
      return lock == null;
    }
  }

  @Test
  void whatAMemberHasForcedIsToldWhileItsJournalIsLocked() throws Exception {
    try (TestCluster cluster = cluster(Duration.ofHours(1))) {
      try (disk) {
        TermIndex forced = cluster.network.forcedEnds(cluster.network.spec(1)).get(1);
        fillJournalOfLeader(cluster);

        CompletableFuture<Map<Integer, TermIndex>> ends =
            CompletableFuture.supplyAsync(
                () -> cluster.network.forcedEnds(cluster.network.spec(1)),
                task -> Thread.ofPlatform().daemon().start(task));

        assertThat(ends.get(SOON.toSeconds(), TimeUnit.SECONDS).get(1))
            .isGreaterThanOrEqualTo(forced);
      }
    }
  }

  @Test
  void aLeaderWhoseJournalHangsHoldsUpNeitherTheVotesNorTheNotesOfTheOthers() throws Exception {
    try (TestCluster cluster = cluster(Duration.ofSeconds(2))) {
      RaftLogBase journal = journal(cluster);
      disk.hang(cluster.brokerDirectory(1));
      var _ = replica(cluster).submit(cluster.awaitLeader(1).term(), ByteBuffer.allocate(4));
      try (disk;
          AutoCloseableLock _ = journal.writeLock()) {
        Awaitility.await()
            .atMost(SOON)
            .until(
                () ->
                    cluster
                        .network
                        .group(1)
                        .leadership()
                        .filter(now -> now.brokerId() != 1)
                        .isPresent());
        cluster.submitUntilApplied(1, "others");

        CompletableFuture<Void> stopped =
            CompletableFuture.runAsync(
                () -> cluster.stop(2), task -> Thread.ofPlatform().daemon().start(task));
        stopped.get(SOON.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void roundsOfALeaderWhoseBrokerHasEndedAreAnsweredThoughItsDiskHangs() throws Exception {
    try (TestCluster cluster = cluster(Duration.ofHours(1))) {
      try (disk) {
        disk.hang(cluster.brokerDirectory(1));
        long term = cluster.awaitLeader(1).term();
        GroupReplica leader = replica(cluster);
        CompletableFuture<Outcome> before = leader.submit(term, ByteBuffer.allocate(4));

        leader.disown();

        assertThat(before.get(SOON.toSeconds(), TimeUnit.SECONDS))
            .isInstanceOf(Outcome.Unknown.class);
        assertThat(
                leader.submit(term, ByteBuffer.allocate(4)).get(SOON.toSeconds(), TimeUnit.SECONDS))
            .isInstanceOf(Outcome.NotAppended.class);
      }
    }
  }
}
