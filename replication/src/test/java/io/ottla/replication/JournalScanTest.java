package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import io.ottla.replication.journal.Envelope;
import io.ottla.replication.journal.JournalScan;
import io.ottla.replication.journal.Judged;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalScanTest {
  private static final int PAYLOAD_BYTES = 500;
  private static final SystemDisk DISK = new SystemDisk();

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

  private static Judged judge(Path journal, long checkpointIndex) throws IOException {
    return JournalScan.judge(
        DISK,
        journal,
        checkpointIndex < 0 ? TermIndex.INITIAL_VALUE : TermIndex.valueOf(1, checkpointIndex));
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
    Path journal = journal();
    Path file = journal.resolve("log_inprogress_0");
    byte[] intact = Files.readAllBytes(file);
    int end = endOfEntries(intact);
    assertThat(judge(journal, -1).loss()).isEmpty();
    // Before the first entry with a stamp, a damaged length may hide the proof.
    int stamped = 1_000;

    for (int i = 0; i < 300; i++) {
      int position = stamped + random.nextInt(end - stamped);
      byte[] bytes = intact.clone();
      bytes[position] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bytes);

      boolean inLastEntry = position >= end - PAYLOAD_BYTES;
      boolean inBetween = !inLastEntry && position >= end - PAYLOAD_BYTES - 200;
      if (!inBetween) {
        assertThat(judge(journal, -1).loss().isPresent())
            .as("seed %d: position %d of %d", seed, position, end)
            .isNotEqualTo(inLastEntry);
      }
    }
  }

  @Test
  void aJournalThatDoesNotReachItsCheckpointHoldsNothing() throws Exception {
    Path journal = journal();
    Path file = journal.resolve("log_inprogress_0");
    byte[] intact = Files.readAllBytes(file);

    Files.write(file, Arrays.copyOf(intact, endOfEntries(intact) / 2));

    assertThat(judge(journal, -1).loss()).isEmpty();
    assertThat(judge(journal, 5).end().getIndex()).isBetween(15L, 25L);
    Judged short38 = judge(journal, 38);
    assertThat(short38.loss()).isEmpty();
    assertThat(short38.empty()).isTrue();
    assertThat(short38.end().getIndex()).isEqualTo(38);
    assertThat(journal.resolveSibling("aside").resolve("log_inprogress_0")).exists();
  }

  @Test
  void damageBelowTheCheckpointIsTakenOut() throws Exception {
    Path journal = journal();
    Path file = journal.resolve("log_inprogress_0");
    byte[] bytes = Files.readAllBytes(file);
    long last = judge(journal, -1).end().getIndex();
    bytes[3_000] ^= 1;
    Files.write(file, bytes);

    assertThat(judge(journal, 2).loss()).isPresent();
    Judged mended = judge(journal, 20);

    assertThat(mended.loss()).isEmpty();
    assertThat(mended.end().getIndex()).isEqualTo(last);
    assertThat(journal.resolve("log_inprogress_21")).exists();
    assertThat(file).doesNotExist();
    assertThat(judge(journal, 20)).isEqualTo(mended);
  }

  @Test
  void twoDamagedFilesBelowTheCheckpointAreSetAsideTogether() throws IOException {
    Path journal = directory.resolve("two").resolve("current");
    Files.createDirectories(journal);
    for (int first = 0; first < 4; first += 2) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(entry(first, first - 1, OptionalLong.of(7), new byte[300]));
      out.writeBytes(entry(first + 1, first, OptionalLong.of(7), new byte[300]));
      byte[] bytes = out.toByteArray();
      bytes[100] ^= 1;
      Files.write(journal.resolve("log_" + first + "-" + (first + 1)), bytes);
    }

    Judged judged = judge(journal, 3);

    assertThat(judged.loss()).isEmpty();
    assertThat(judged.empty()).isTrue();
    assertThat(journal.resolveSibling("aside").resolve("log_0-1")).exists();
    assertThat(journal.resolveSibling("aside").resolve("log_2-3")).exists();
  }

  @Test
  void aMendingThatWasCutShortIsFinished() throws Exception {
    Path journal = journal();
    Path file = journal.resolve("log_inprogress_0");
    byte[] intact = Files.readAllBytes(file);
    byte[] bytes = intact.clone();
    bytes[3_000] ^= 1;
    Files.write(file, bytes);
    Judged mended = judge(journal, 20);
    Files.move(journal.resolve("log_inprogress_21"), journal.resolve("mended-log_inprogress_21"));
    Files.write(file, bytes);

    assertThat(judge(journal, 20)).isEqualTo(mended);
  }

  private static byte[] entry(long index, long commitIndex, OptionalLong stamp, byte[] payload) {
    Envelope envelope = new Envelope(1, commitIndex, 0, stamp, ByteString.copyFrom(payload));
    byte[] entry =
        LogEntryProto.newBuilder()
            .setTerm(1)
            .setIndex(index)
            .setStateMachineLogEntry(
                StateMachineLogEntryProto.newBuilder().setLogData(envelope.toBytes()))
            .build()
            .toByteArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int left = entry.length; ; left >>>= 7) {
      if (left < 0x80) {
        out.write(left);
        break;
      }
      out.write((left & 0x7f) | 0x80);
    }
    out.writeBytes(entry);
    CRC32C checksum = new CRC32C();
    checksum.update(out.toByteArray());
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
    return out.toByteArray();
  }

  /** A file of entries that were torn within the last one. */
  private Path torn(int entries, OptionalLong stamp, byte[] lastPayload) throws IOException {
    Path journal = directory.resolve("torn");
    DISK.deleteTree(journal);
    Files.createDirectories(journal);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < entries; i++) {
      out.writeBytes(entry(i, i - 1, stamp, new byte[300]));
    }
    byte[] last = entry(entries, entries - 1, stamp, lastPayload);
    out.write(last, 0, last.length - 10);
    out.writeBytes(new byte[2_000]);
    Files.write(journal.resolve("log_inprogress_0"), out.toByteArray());
    return journal;
  }

  @Test
  void aClientsBytesThatLookLikeAnEntryProveNothing() throws Exception {
    for (int entries = 0; entries < 4; entries++) {
      ByteArrayOutputStream payload = new ByteArrayOutputStream();
      payload.writeBytes(new byte[100]);
      payload.writeBytes(entry(5_000, 4_999, OptionalLong.of(77), new byte[10]));
      payload.writeBytes(entry(entries + 1, entries, OptionalLong.of(77), new byte[10]));
      payload.writeBytes(entry(entries + 1, entries, OptionalLong.empty(), new byte[10]));

      Path journal = torn(entries, OptionalLong.of(4711), payload.toByteArray());

      assertThat(judge(journal, -1).loss()).as("entries %d", entries).isEmpty();
    }
  }

  @Test
  void entriesOfAnOlderBuildAreStillJudged() throws Exception {
    Path journal = torn(10, OptionalLong.empty(), new byte[300]);
    Path file = journal.resolve("log_inprogress_0");
    assertThat(judge(journal, -1).end().getIndex()).isEqualTo(9);
    byte[] bytes = Files.readAllBytes(file);
    bytes[1_000] ^= 1;
    Files.write(file, bytes);

    assertThat(judge(journal, -1).loss()).isPresent();
  }

  @Test
  void bytesMadeToLookLikeEntriesEverywhereAreScannedInTime() throws Exception {
    // Each of these begins an entry of 2 MiB with a likely index, and each sum is wrong.
    byte[] begin = Arrays.copyOf(entry(1, 0, OptionalLong.empty(), new byte[2_000_000]), 16);
    byte[] payload = new byte[3_000_000];
    for (int i = 0; i + begin.length < payload.length; i += begin.length) {
      System.arraycopy(begin, 0, payload, i, begin.length);
    }
    Path journal = torn(0, OptionalLong.empty(), payload);
    Path file = journal.resolve("log_inprogress_0");
    byte[] bytes = Files.readAllBytes(file);
    bytes[8] = 0x7f;
    Files.write(file, bytes);

    long startedNanos = System.nanoTime();
    assertThat(judge(journal, -1).loss()).isEmpty();

    assertThat(System.nanoTime() - startedNanos).isLessThan(20_000_000_000L);
  }
}
