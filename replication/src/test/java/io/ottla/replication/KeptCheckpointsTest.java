package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which checkpoints, and how much of the journal, are kept. */
class KeptCheckpointsTest {
  @TempDir Path directory;

  /** Checkpoints only when asked, or by entries. */
  private static ReplicationSettings settings(int keptEntries, Duration checkpointEvery) {
    ReplicationSettings usual = ReplicationSettings.forTests();
    return new ReplicationSettings(
        usual.electionTimeoutMin(),
        usual.electionTimeoutMax(),
        usual.firstElectionTimeoutMin(),
        usual.firstElectionTimeoutMax(),
        4 * 1024,
        1024,
        1L << 30,
        checkpointEvery,
        1,
        1L << 30,
        keptEntries,
        usual.stalledAfter(),
        usual.balanceEvery());
  }

  private static void write(TestCluster cluster, String name, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      cluster.submitUntilApplied(1, name + "-" + i + "-" + "x".repeat(200));
    }
    cluster.awaitEqual(1);
  }

  private static List<Path> checkpoints(TestCluster cluster, int id) throws IOException {
    Path broker = cluster.brokerDirectory(id);
    return new SystemDisk().list(new ReplicaFiles(broker, cluster.network.spec(1)).checkpoints());
  }

  private static void flipNewest(TestCluster cluster, int id) throws IOException {
    Path newest = checkpoints(cluster, id).getLast();
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 0x10;
    Files.write(newest, bytes);
  }

  @Test
  void aDamagedNewestCheckpointLosesNothingOfTheOnlyReplica() throws Exception {
    try (TestCluster cluster =
        new TestCluster(directory, 1, 1, settings(10_000, Duration.ofHours(1))).startAll()) {
      write(cluster, "first", 60);
      cluster.brokers.get(1).checkpoint(1);
      write(cluster, "second", 60);
      cluster.brokers.get(1).checkpoint(1);
      assertThat(checkpoints(cluster, 1)).hasSize(2);
      write(cluster, "third", 20);
      cluster.crash(1);
      flipNewest(cluster, 1);

      cluster.start(1, true);

      write(cluster, "last", 1);
      assertThat(cluster.state(1, 1).payloads()).hasSize(141).doesNotHaveDuplicates();
      cluster.brokers.get(1).checkpoint(1);
      assertThat(checkpoints(cluster, 1))
          .extracting(path -> path.getFileName().toString())
          .hasSize(3)
          .contains("checkpoint.damaged");
    }
  }

  @Test
  void damagedNewestCheckpointsOfAllThreeLoseNothing() throws Exception {
    try (TestCluster cluster =
        new TestCluster(directory, 3, 1, settings(10_000, Duration.ofHours(1))).startAll()) {
      for (String name : List.of("first", "second")) {
        write(cluster, name, 40);
        for (RaftBroker broker : cluster.brokers.values()) {
          broker.checkpoint(1);
        }
      }
      write(cluster, "third", 10);
      cluster.crashAll();
      for (int id = 1; id <= 3; id++) {
        flipNewest(cluster, id);
      }

      for (int id = 1; id <= 3; id++) {
        cluster.start(id, true);
      }

      write(cluster, "last", 1);
      assertThat(cluster.state(1, 1).payloads()).hasSize(91).doesNotHaveDuplicates();
    }
  }

  @Test
  void aQuietReplicaWritesItsNewestOnceMoreAndKeepsNoJournalForTheOlderOne() throws Exception {
    try (TestCluster cluster =
        new TestCluster(directory, 1, 1, settings(10_000, Duration.ofMillis(300))).startAll()) {
      write(cluster, "first", 100);

      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(checkpoints(cluster, 1))
                      .extracting(path -> path.getFileName().toString().replaceFirst("^0+", ""))
                      .containsExactly("100.checkpoint", "100.copy.checkpoint"));
      cluster.crash(1);
      flipNewest(cluster, 1);
      cluster.start(1, true);

      write(cluster, "last", 1);
      assertThat(cluster.state(1, 1).payloads()).hasSize(101);
    }
  }

  @Test
  void aStoppedBrokerKeepsTheOthersFromPurgingBoundedlyManyEntriesOnly() throws Exception {
    int bound = 400;
    try (TestCluster cluster =
        new TestCluster(directory, 3, 1, settings(bound, Duration.ofHours(1))).startAll()) {
      write(cluster, "first", 20);
      cluster.stop(3);
      int perFile = 100;
      for (int i = 0; i < 1_000; i++) {
        cluster.submitUntilApplied(1, "away-" + i);
      }

      Awaitility.await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> 1_020 - RebuildTest.journalStart(cluster, 1) <= bound + perFile);
      cluster.start(3, true);

      write(cluster, "back", 5);
      assertThat(cluster.state(3, 1).applied()).isEqualTo(1_025);
    }
  }

  @Test
  void aCheckpointOfANewerVersionIsNotCalledDamaged() throws Exception {
    UUID group = new UUID(1, 2);
    byte[] bytes = new Checkpoint(group, 1, 2, List.of(), ByteBuffer.allocate(8)).toBytes();
    ByteBuffer.wrap(bytes).putInt(4, 2);
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, bytes.length - 4);
    ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) checksum.getValue());

    assertThatThrownBy(() -> Checkpoint.parse(group, bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 2");
  }
}
