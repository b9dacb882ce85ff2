package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import io.ottla.replication.ReplicationGroup.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.server.protocol.TermIndex;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RebuildTest {
  @TempDir Path directory;

  private TestCluster cluster() throws Exception {
    return new TestCluster(directory, 3, 1, ReplicationSettings.forTests()).startAll();
  }

  private static void write(TestCluster cluster, String name, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      cluster.submitUntilApplied(1, name + "-" + i + "-" + "x".repeat(1_000));
    }
  }

  private static Path journal(TestCluster cluster, int id) {
    Path broker = cluster.brokerDirectory(id);
    return new ReplicaFiles(broker, cluster.network.spec(1)).journal();
  }

  static long journalStart(TestCluster cluster, int id) throws IOException {
    try (var files = Files.list(journal(cluster, id))) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith("log_"))
          .map(name -> name.replace("log_inprogress_", "").replace("log_", "").split("-", 2)[0])
          .mapToLong(Long::parseLong)
          .min()
          .orElse(0);
    }
  }

  @Test
  void aBrokerAwayForLongerThanTheJournalIsKeptIsRebuilt() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 20);
      cluster.stop(3);
      write(cluster, "away", 300);
      Awaitility.await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> Math.min(journalStart(cluster, 1), journalStart(cluster, 2)) > 30);
      RegisterState before = cluster.state(3, 1);

      cluster.start(3, true);

      write(cluster, "back", 20);
      cluster.awaitEqual(1);
      assertThat(cluster.state(3, 1).payloads()).hasSize(340);
      Awaitility.await().until(() -> cluster.state(3, 1) != before);
      assertThat(cluster.failures).isEmpty();
    }
  }

  @Test
  void aLaggingFollowerKeepsTheOthersFromPurging() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 20);
      cluster.crash(3);
      write(cluster, "away", 50);
      cluster.brokers.get(1).checkpoint(1);
      cluster.brokers.get(2).checkpoint(1);

      assertThat(journalStart(cluster, 1)).isLessThan(25);
      assertThat(journalStart(cluster, 2)).isLessThan(25);
    }
  }

  @Test
  void aRunningFollowerIsRebuiltWhileOthersWrite() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 50);
      int follower = cluster.awaitLeader(1).brokerId() % 3 + 1;
      RegisterState before = cluster.state(follower, 1);

      cluster.brokers.get(follower).rebuild(1);

      write(cluster, "meanwhile", 50);
      Awaitility.await().until(() -> cluster.state(follower, 1) != before);
      cluster.awaitEqual(1);
      assertThat(cluster.state(follower, 1).payloads()).hasSize(100);
    }
  }

  @Test
  void aFollowerRebuiltWithEntriesOnTheirWayToItHearsFromTheSameLeaderAgain() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 1);
      int leader = cluster.awaitPreferredLeader(1).brokerId();
      for (int round = 1; round <= 4; round++) {
        int follower = (leader + round % 2) % 3 + 1;
        RegisterState before = cluster.state(follower, 1);

        var onTheirWay = submitAtOnce(cluster, "round-" + round, 200);
        awaitRebuilt(cluster, follower, before);

        onTheirWay.get(20, TimeUnit.SECONDS);
        cluster.awaitEqual(1);
        assertThat(cluster.state(follower, 1).payloads()).hasSize(1 + 200 * round);
      }
    }
  }

  @Test
  void aRebuiltReplicaHasAllThatItHadAckedHoweverSlowlyTheLeaderApplies() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 1);
      int leader = cluster.awaitPreferredLeader(1).brokerId();
      int follower = leader % 3 + 1;
      CountDownLatch rebuilding = new CountDownLatch(1);
      cluster.state(leader, 1).beforeApply =
          () -> {
            await(rebuilding);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
          };
      RegisterState before = cluster.state(follower, 1);
      var _ = submitAtOnce(cluster, "acked", 200);
      Awaitility.await().until(() -> before.applied() == 201);

      cluster.brokers.get(follower).rebuild(1);
      rebuilding.countDown();
      awaitRebuilt(cluster, follower, before);

      assertThat(cluster.state(follower, 1).applied()).isEqualTo(201);
      cluster.awaitEqual(1);
    }
  }

  @Test
  void aPreferredReplicaIsNotHandedTheLeadershipWhileItIsRebuilt() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 10);
      int preferred = cluster.awaitPreferredLeader(1).brokerId();
      RegisterState before = cluster.state(preferred, 1);
      CountDownLatch written = new CountDownLatch(1);
      cluster.beforeNewState = () -> await(written);
      cluster.brokers.get(preferred).rebuild(1);
      Awaitility.await().until(() -> !cluster.brokers.get(preferred).status(1).running());
      write(cluster, "meanwhile", 1);

      List<Outcome> outcomes = new ArrayList<>();
      long startedNanos = System.nanoTime();
      while (System.nanoTime() - startedNanos < TimeUnit.MILLISECONDS.toNanos(800)) {
        outcomes.add(cluster.submit(1, "then-" + outcomes.size()));
      }
      written.countDown();

      assertThat(outcomes)
          .noneMatch(outcome -> outcome.toString().contains("LeaderSteppingDownException"));
      Awaitility.await().until(() -> cluster.state(preferred, 1) != before);
      cluster.awaitPreferredLeader(1);
      cluster.awaitEqual(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Again if it was not done with the last one. */
  private static void awaitRebuilt(TestCluster cluster, int id, RegisterState before) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              if (cluster.state(id, 1) == before) {
                cluster.brokers.get(id).rebuild(1);
              }
              return cluster.state(id, 1) != before && cluster.state(id, 1).applied() > 0;
            });
  }

  private static CompletableFuture<Void> submitAtOnce(TestCluster cluster, String name, int count) {
    long term = cluster.awaitLeader(1).term();
    CompletableFuture<?>[] all = new CompletableFuture<?>[count];
    for (int i = 0; i < count; i++) {
      byte[] payload = (name + "-" + i).getBytes(StandardCharsets.UTF_8);
      all[i] = cluster.network.group(1).submit(term, ByteBuffer.wrap(payload));
    }
    return CompletableFuture.allOf(all);
  }

  /** A leader that nobody followed wrote it, in a term that the others never saw. */
  @Test
  void whatWasNeverCommittedIsNotHeldAgainstAReplicaThatWasRebuilt() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 5);
      cluster.awaitEqual(1);
      ReplicaStatus now = cluster.brokers.get(2).status(1);
      TermIndex neverCommitted = TermIndex.valueOf(now.term() + 1, now.appliedIndex());
      cluster.network.votes().learn(1, 2, neverCommitted, TermIndex.INITIAL_VALUE, 0);
      RegisterState before = cluster.state(2, 1);
      cluster.brokers.get(2).rebuild(1);
      Awaitility.await()
          .until(() -> cluster.state(2, 1) != before && cluster.brokers.get(2).status(1).running());
      cluster.crash(2);
      int made = cluster.statesMade();

      cluster.start(2, true);

      write(cluster, "again", 1);
      cluster.awaitEqual(1);
      assertThat(cluster.statesMade())
          .as("states made: its start's, no rebuild's")
          .isEqualTo(made + 1);
    }
  }

  @Test
  void aKnownBrokerWithALostDiskIsRebuiltAndDoesNotVoteBefore() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 50);
      cluster.crashAll();
      new SystemDisk().deleteTree(cluster.brokerDirectory(1));
      cluster.start(1, true);
      cluster.start(2, true);
      assertNoLeader(cluster);

      cluster.start(3, true);

      write(cluster, "again", 5);
      cluster.awaitEqual(1);
      assertThat(cluster.state(1, 1).payloads()).hasSize(55);
    }
  }

  @Test
  void aDamagedMiddleOfTheJournalIsNotVotedWith() throws Exception {
    try (TestCluster cluster =
        new TestCluster(directory, 3, 1, TestCluster.rareCheckpoints()).startAll()) {
      write(cluster, "first", 10);
      cluster.awaitEqual(1);
      cluster.crashAll();
      flipByte(largestSegment(cluster, 1), 3_000);
      cluster.start(1, true);
      cluster.start(2, true);
      assertNoLeader(cluster);

      cluster.start(3, true);

      write(cluster, "again", 5);
      cluster.awaitEqual(1);
      assertThat(cluster.state(1, 1).payloads()).hasSize(15);
    }
  }

  @Test
  void aTornTailOfTheJournalIsCutAndFilledAgain() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 10);
      cluster.awaitEqual(1);
      cluster.crashAll();
      Path segment = openSegment(cluster, 1);
      Files.write(segment, new byte[] {77, 8, 1, 16, 40, 3}, StandardOpenOption.APPEND);
      RegisterState before = cluster.state(1, 1);
      for (int id = 1; id <= 3; id++) {
        cluster.start(id, true);
      }
      RegisterState restarted = cluster.state(1, 1);

      write(cluster, "again", 5);

      cluster.awaitEqual(1);
      assertThat(cluster.state(1, 1)).isSameAs(restarted).isNotSameAs(before);
      assertThat(restarted.payloads()).hasSize(15);
    }
  }

  @Test
  void aFailedJournalFailsItsBrokerAndTheOthersGoOn() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 10);
      int leader = cluster.awaitLeader(1).brokerId();
      // Renamed away, no file can be created in it: the next roll fails.
      Files.move(journal(cluster, leader), journal(cluster, leader).resolveSibling("gone"));

      for (int i = 0; i < 60; i++) {
        var _ = cluster.submit(1, "then-" + i + "-" + "x".repeat(1_000));
      }

      Awaitility.await().until(() -> !cluster.failures.isEmpty());
      assertThat(cluster.failures).hasSize(1).allMatch(f -> f.startsWith(leader + ": "));
      assertThat(cluster.brokers.get(leader).status(1).running()).isFalse();
      cluster.brokers.remove(leader).close();
      cluster.submitUntilApplied(1, "last");
      cluster.awaitEqual(1);
    }
  }

  @Test
  void aFailedStateFailsItsBrokerAndTheOthersGoOn() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 10);
      int follower = cluster.awaitLeader(1).brokerId() % 3 + 1;
      cluster.state(follower, 1).failNextApply = new IOException("disk is broken");

      write(cluster, "then", 10);

      Awaitility.await().until(() -> !cluster.failures.isEmpty());
      assertThat(cluster.failures).hasSize(1).allMatch(f -> f.contains("disk is broken"));
      cluster.brokers.remove(follower).close();
      cluster.start(follower, true);
      cluster.submitUntilApplied(1, "last");
      cluster.awaitEqual(1);
    }
  }

  @Test
  void aFollowerThatLosesItsStateIsRebuiltWhileTheOthersGoOn() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 10);
      assertRebuilt(cluster, cluster.awaitLeader(1).brokerId() % 3 + 1);
    }
  }

  @Test
  void aLeaderThatLosesItsStateIsRebuiltFromTheNextOne() throws Exception {
    try (TestCluster cluster = cluster()) {
      write(cluster, "first", 10);
      assertRebuilt(cluster, cluster.awaitLeader(1).brokerId());
    }
  }

  private static void assertRebuilt(TestCluster cluster, int id) throws Exception {
    RegisterState before = cluster.state(id, 1);
    before.failNextApply = new ReplicatedState.LostReplicaException("a damaged batch");

    write(cluster, "then", 10);

    Awaitility.await().until(() -> cluster.state(id, 1) != before);
    write(cluster, "again", 10);
    cluster.awaitEqual(1);
    assertThat(cluster.state(id, 1).payloads()).hasSize(30).doesNotHaveDuplicates();
    assertThat(cluster.failures).isEmpty();
  }

  private static void assertNoLeader(TestCluster cluster) {
    Awaitility.await()
        .during(Duration.ofMillis(800))
        .atMost(Duration.ofSeconds(2))
        .until(() -> cluster.network.group(1).leadership().isEmpty());
  }

  private static Path openSegment(TestCluster cluster, int id) throws IOException {
    List<Path> found;
    try (var files = Files.list(journal(cluster, id))) {
      found = files.filter(f -> f.toString().contains("log_inprogress")).toList();
    }
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private static Path largestSegment(TestCluster cluster, int id) throws IOException {
    try (var files = Files.list(journal(cluster, id))) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("log_"))
          .max(Comparator.comparingLong(f -> f.toFile().length()))
          .orElseThrow();
    }
  }

  private static void flipByte(Path path, int position) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    bytes[position] ^= 0x40;
    Files.write(path, bytes);
  }
}
