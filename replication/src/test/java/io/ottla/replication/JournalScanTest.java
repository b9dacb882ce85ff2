package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalScanTest {
  private static final int PAYLOAD_BYTES = 500;

  @TempDir Path directory;

  /** One broker's journal: every entry but the last is proven committed by the one behind it. */
  private Path journal() throws Exception {
    try (TestCluster cluster =
        new TestCluster(directory, 1, 1, ReplicationSettings.production()).startAll()) {
      for (int i = 0; i < 40; i++) {
        cluster.submitUntilApplied(1, "x".repeat(PAYLOAD_BYTES));
      }
      return new ReplicaFiles(cluster.brokerDirectory(1), cluster.network.spec(1)).journal();
    }
  }

  private static int endOfEntries(byte[] bytes) {
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  @Test
  void everyFlippedBitInCommittedEntriesIsALossAndATornTailIsNot() throws Exception {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    Random random = new Random(seed);
    SystemDisk disk = new SystemDisk();
    Path journal = journal();
    Path file = journal.resolve("log_inprogress_0");
    byte[] intact = Files.readAllBytes(file);
    int end = endOfEntries(intact);
    assertThat(JournalScan.findLoss(disk, journal, -1)).isEmpty();

    for (int i = 0; i < 300; i++) {
      int position = random.nextInt(end);
      byte[] bytes = intact.clone();
      bytes[position] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bytes);

      boolean inLastEntry = position >= end - PAYLOAD_BYTES;
      boolean inBetween = !inLastEntry && position >= end - PAYLOAD_BYTES - 200;
      if (!inBetween) {
        assertThat(JournalScan.findLoss(disk, journal, -1).isPresent())
            .as("seed %d: position %d of %d", seed, position, end)
            .isNotEqualTo(inLastEntry);
      }
    }
  }

  @Test
  void aJournalThatDoesNotReachItsCheckpointIsALoss() throws Exception {
    SystemDisk disk = new SystemDisk();
    Path journal = journal();
    Path file = journal.resolve("log_inprogress_0");
    byte[] intact = Files.readAllBytes(file);

    Files.write(file, Arrays.copyOf(intact, endOfEntries(intact) / 2));

    assertThat(JournalScan.findLoss(disk, journal, -1)).isEmpty();
    assertThat(JournalScan.findLoss(disk, journal, 5)).isEmpty();
    assertThat(JournalScan.findLoss(disk, journal, 38)).isPresent();
  }
}
