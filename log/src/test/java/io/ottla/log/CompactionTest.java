package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.disk.ForgetfulDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

/** What one compaction makes of its segments, and what it leaves alone. */
class CompactionTest {
  private static final LogConfig CONFIG = new LogConfig(500, 1_000_000, 90);

  private final Disk disk = new ForgetfulDisk();
  private final Path directory = Path.of("/broker/liked-0");

  @Test
  void smallBatchesBecomeOneAndOffsetsStay() throws IOException {
    try (PartitionLog log = filled(20)) {
      int closed = log.segments().size() - 1;
      long nextOffset = log.segments().getLast().baseOffset();
      assertThat(closed).isGreaterThan(2);

      assertThat(compact(log, closed, offset -> offset % 3 == 0)).isTrue();

      SegmentSummary compacted = log.segments().getFirst();
      assertThat(log.segments()).hasSize(2);
      assertThat(compacted.baseOffset()).isZero();
      assertThat(compacted.compactions()).isEqualTo(1);
      assertThat(compacted.firstAppendTimeMs()).isZero();
      assertThat(compacted.lastAppendTimeMs()).isEqualTo(nextOffset - 1);
      assertThat(compacted.maxTimestampMs()).isEqualTo(10 * ((nextOffset - 1) / 3 * 3));
      List<RecordBatch> batches = batches(log);
      assertThat(batches.getFirst().recordCount()).isEqualTo((int) (nextOffset + 2) / 3);
      assertThat(batches.getFirst().nextOffset()).isEqualTo(nextOffset);
      assertThat(Logs.readAll(log, 100)).contains("0=value-0", "3=value-3").endsWith("19=value-19");
      assertThat(Logs.readAll(log, 100)).doesNotContain("1=value-1");
    }
  }

  @Test
  void aRunWithoutRecordsLeftIsOneBatchPerEpoch() throws IOException {
    try (PartitionLog log = PartitionLog.create(disk, directory, CONFIG, new OpenFiles(3))) {
      for (int i = 0; i < 20; i++) {
        log.append(Logs.batch(10L * i, "value-" + i), i / 4, i);
      }
      int closed = log.segments().size() - 1;
      long nextOffset = log.segments().getLast().baseOffset();

      compact(log, closed, offset -> false);

      assertThat(log.segments().getFirst().maxTimestampMs()).isEqualTo(-1);
      List<RecordBatch> batches = batches(log);
      for (int i = 0; batches.get(i).nextOffset() <= nextOffset; i++) {
        assertThat(batches.get(i).recordCount()).isZero();
        assertThat(batches.get(i).baseOffset()).isEqualTo(4L * i);
        assertThat(batches.get(i).leaderEpoch()).isEqualTo(i);
        assertThat(batches.get(i).records()).isEmpty();
      }
      assertThat(log.offsetForTimestamp(0)).hasValue(nextOffset);
      assertThat(Logs.readAll(log, 1000)).hasSize((int) (20 - nextOffset));
    }
  }

  @Test
  void joinedBatchesAreBoundedAndALargeOneThatLosesNothingIsCopied() throws IOException {
    LogConfig large = new LogConfig(1 << 20, 1_000_000, 4096);
    ByteBuffer whole = Logs.batch(7, "x".repeat(SegmentRewriter.COPY_FROM_BYTES), "y");
    try (PartitionLog log = PartitionLog.create(disk, directory, large, new OpenFiles(3))) {
      for (int i = 0; i < 40; i++) {
        log.append(Logs.batch(1, "z".repeat(20_000)), 1, 1);
      }
      log.append(whole, 1, 1);
      log.append(Logs.batch(1, "y".repeat(600_000)), 1, 1);

      assertThat(compact(log, 1, offset -> offset != 3)).isTrue();

      List<RecordBatch> batches = batches(log);
      assertThat(batches.size()).isEqualTo(5);
      assertThat(batches.subList(0, 3))
          .allSatisfy(
              batch ->
                  assertThat(batch.sizeBytes())
                      .isBetween(250_000, SegmentRewriter.BATCH_BYTES + 100));
      RecordBatch copied = batches.get(3);
      assertThat(copied.baseOffset()).isEqualTo(40);
      assertThat(copied.bytes().position(BatchFormat.MAGIC))
          .isEqualTo(whole.duplicate().position(BatchFormat.MAGIC));
    }
  }

  @Test
  void recordsBelowTheStartGoUnread() throws IOException {
    try (PartitionLog log = filled(20)) {
      log.trimFront(1);
      assertThat(log.segments().getFirst().baseOffset()).isZero();
      Path file = directory.resolve("00000000000000000000.log");
      byte[] damaged = disk.readAll(file);
      damaged[BatchFormat.HEADER_BYTES + 5] ^= 1; // in the batch that nobody may read
      try (DiskFile written = disk.open(file, Disk.OpenMode.READ_WRITE)) {
        written.write(ByteBuffer.wrap(damaged), 0);
      }

      assertThat(compact(log, 1, offset -> true)).isTrue();

      assertThat(log.startOffset()).isEqualTo(1);
      assertThat(log.read(0, 100)).isInstanceOf(ReadResult.OutOfRange.class);
      assertThat(batches(log).getFirst().records().getFirst().offset()).isEqualTo(1);
      assertThat(batches(log).getFirst().baseOffset()).isZero();
      assertThat(Logs.readAll(log, 100)).hasSize(19);
    }
  }

  @Test
  void whatIsNotARunOfClosedSegmentsIsLeftAlone() throws IOException {
    try (PartitionLog log = filled(20)) {
      List<SegmentSummary> before = log.segments();
      long second = before.get(1).baseOffset();
      long active = before.getLast().baseOffset();
      KeptOffsets nothing = kept(0, 20, false);

      for (long[] run :
          new long[][] {
            {0, 20}, {1, second}, {0, second + 1}, {second, second}, {second, 0}, {active, 20}
          }) {
        Compaction wrong = new Compaction(run[0], run[1], Compression.NONE, nothing);
        assertThat(log.compact(wrong)).as("%d to %d", run[0], run[1]).isFalse();
      }
      assertThat(log.segments()).isEqualTo(before);
      log.trimFront(second);
      assertThat(log.compact(new Compaction(0, second, Compression.NONE, nothing))).isFalse();
      assertThat(Logs.readAll(log, 100)).hasSize((int) (20 - second));
    }
  }

  @Test
  void filesStayUntilACheckpointWithoutThemIsDurable() throws IOException {
    try (PartitionLog log = filled(20)) {
      LogCapture before = log.capture();
      before.force();
      int closed = log.segments().size() - 1;
      String active = SegmentNames.name(log.segments().getLast(), SegmentNames.LOG);
      compact(log, closed, offset -> offset % 2 == 0);
      compact(log, 1, offset -> offset % 4 == 0);
      List<String> values = Logs.readAll(log, 100);

      before.removeDoomed();
      assertThat(logFiles()).hasSize(closed + 3);
      LogCapture after = log.capture();
      after.force();
      after.removeDoomed();

      assertThat(logFiles()).containsExactly("00000000000000000000.2.log", active);
      assertThat(after.files().getFirst().path()).hasToString("00000000000000000000.2.log");
      assertThat(Logs.readAll(log, 100)).isEqualTo(values);
    }
  }

  @Test
  void aRestoreToBeforeTakesItBack() throws IOException {
    LogCheckpoint checkpoint;
    List<String> values;
    try (PartitionLog log = filled(20)) {
      LogCapture capture = log.capture();
      capture.force();
      checkpoint = capture.checkpoint();
      values = Logs.readAll(log, 100);
      compact(log, log.segments().size() - 1, offset -> false);
      log.capture().force();
    }

    try (PartitionLog log = restore(checkpoint)) {
      assertThat(Logs.readAll(log, 100)).isEqualTo(values);
      assertThat(logFiles()).hasSize(checkpoint.segments().size());
      assertThat(compact(log, 1, offset -> true)).isTrue();
      assertThat(Logs.readAll(log, 100)).isEqualTo(values);
    }
  }

  @Test
  void aCheckpointMakesItDurableAtOnce() throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      ForgetfulDisk powered = new ForgetfulDisk();
      LogCheckpoint checkpoint;
      List<String> values;
      try (PartitionLog log = filled(powered, 20)) {
        powered.forceDirectory(Path.of("/"));
        log.capture().force();
        compact(log, log.segments().size() - 1, offset -> offset % 2 == 0);
        LogCapture capture = log.capture();
        capture.force();
        checkpoint = capture.checkpoint();
        values = Logs.readAll(log, 100);
      }

      powered.powerCut(new Random(seed));

      try (PartitionLog log =
          PartitionLog.restore(powered, directory, CONFIG, new OpenFiles(3), checkpoint)) {
        assertThat(Logs.readAll(log, 100)).isEqualTo(values);
      }
    }
  }

  /** The reader has looked its segment up when the segment is replaced and its file removed. */
  @Test
  void aReaderWhoseSegmentIsGoneLooksItUpAnew() throws IOException {
    AtomicReference<Runnable> onOpen = new AtomicReference<>(() -> {});
    OpenFiles one = new OpenFiles(1);
    try (PartitionLog log = PartitionLog.create(watched(onOpen), directory, CONFIG, one)) {
      for (int i = 0; i < 20; i++) {
        log.append(Logs.batch(10L * i, "value-" + i), 1, i);
      }
      Runnable compaction =
          () -> {
            onOpen.set(() -> {});
            compactAndRemove(log);
          };

      onOpen.set(compaction);
      ReadResult.Batches read = (ReadResult.Batches) log.read(1, 1000);
      assertThat(log.segments().getFirst().compactions()).isEqualTo(1);
      assertThat(RecordBatches.in(read.bytes()).iterator().next().recordCount()).isPositive();

      log.read(19, 1); // so that another file is open
      onOpen.set(compaction);
      assertThat(log.offsetForTimestamp(15)).hasValue(2);
      assertThat(log.segments().getFirst().compactions()).isEqualTo(2);

      log.read(19, 1);
      onOpen.set(
          () -> {
            onOpen.set(() -> {});
            throw new UncheckedIOException(new IOException("the disk fails"));
          });
      assertThatThrownBy(() -> log.read(1, 1000)).hasMessageContaining("the disk fails");
    }
  }

  private static void compactAndRemove(PartitionLog log) {
    try {
      compact(log, 1, offset -> offset != 1);
      LogCapture capture = log.capture();
      capture.force();
      capture.removeDoomed();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The disk, with something done before a file is opened to be read. */
  private Disk watched(AtomicReference<Runnable> onOpen) {
    return (Disk)
        Proxy.newProxyInstance(
            Disk.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("open") && arguments[1] == Disk.OpenMode.READ_WRITE) {
                onOpen.get().run();
              }
              try {
                return method.invoke(disk, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void anyFlippedBitOfItsSegmentsEndsTheLog() throws IOException {
    LogCheckpoint checkpoint;
    try (PartitionLog log = filled(8)) {
      LogCapture capture = log.capture();
      capture.force();
      checkpoint = capture.checkpoint();
      assertThat(checkpoint.segments()).hasSizeGreaterThan(1);
    }
    SegmentSummary first = checkpoint.segments().getFirst();
    Path file = directory.resolve(SegmentNames.name(first, SegmentNames.LOG));
    byte[] whole = disk.readAll(file);
    for (int bit = 0; bit < 8 * whole.length; bit += 3) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      Logs.overwrite(disk, file, damaged);

      try (PartitionLog log = restore(checkpoint)) {
        assertThatThrownBy(() -> compact(log, 1, offset -> offset > 0))
            .as("bit %d", bit)
            .isInstanceOf(CorruptBatchException.class)
            .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> log.append(Logs.batch(1, "more"), 9, 9))
            .isInstanceOf(IOException.class);
      }
    }
  }

  private PartitionLog filled(int records) throws IOException {
    return filled(disk, records);
  }

  private PartitionLog filled(Disk disk, int records) throws IOException {
    PartitionLog log = PartitionLog.create(disk, directory, CONFIG, new OpenFiles(3));
    for (int i = 0; i < records; i++) {
      log.append(Logs.batch(10L * i, "value-" + i), 1, i);
    }
    return log;
  }

  private PartitionLog restore(LogCheckpoint checkpoint) throws IOException {
    return PartitionLog.restore(disk, directory, CONFIG, new OpenFiles(3), checkpoint);
  }

  private static boolean compact(PartitionLog log, int count, LongPredicate kept)
      throws IOException {
    return Logs.compact(log, 0, count, Compression.NONE, kept);
  }

  private static KeptOffsets kept(long offset, long nextOffset, boolean keep) {
    KeptOffsets.Builder builder = new KeptOffsets.Builder(offset);
    for (long at = offset; at < nextOffset; at++) {
      if (keep) {
        builder.keep(at);
      } else {
        builder.remove(at);
      }
    }
    return builder.build();
  }

  private List<String> logFiles() throws IOException {
    return List.copyOf(Logs.files(disk, directory, ".log").keySet());
  }

  private static List<RecordBatch> batches(PartitionLog log) throws IOException {
    List<RecordBatch> batches = new ArrayList<>();
    long offset = log.startOffset();
    while (offset < log.endOffset()) {
      ReadResult.Batches read = (ReadResult.Batches) log.read(offset, 1 << 20);
      for (RecordBatch batch : RecordBatches.in(read.bytes())) {
        assertThat(batch.baseOffset()).isLessThanOrEqualTo(offset);
        batches.add(batch);
        offset = batch.nextOffset();
      }
    }
    return batches;
  }
}
