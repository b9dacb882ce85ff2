package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.disk.Disk;
import io.ottla.disk.SystemDisk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {
  private static final LogConfig SMALL = new LogConfig(400, 1000, 100);

  private final Disk disk = new SystemDisk();
  private final OpenFiles openFiles = new OpenFiles(2);
  @TempDir private Path temp;
  private Path directory;

  @BeforeEach
  void chooseDirectory() {
    directory = temp.resolve("liked-0");
  }

  @Test
  void whatWasAppendedIsReadAtItsOffset() throws IOException {
    try (PartitionLog log = create(SMALL)) {
      assertThat(log.append(Logs.batch(5, "a", "b"), 3, 10)).isZero();
      assertThat(log.append(Logs.batch(6, "c"), 4, 11)).isEqualTo(2);

      assertThat(Logs.readAll(log, 1)).containsExactly("0=a", "1=b", "2=c");
      assertThat(Logs.readAll(log, 1 << 20)).containsExactly("0=a", "1=b", "2=c");
      assertThat(log.endOffset()).isEqualTo(3);
      assertThat(log.latestEpoch()).isEqualTo(4);
      RecordBatch second = first(log.read(2, 1));
      assertThat(second.baseOffset()).isEqualTo(2);
      assertThat(second.leaderEpoch()).isEqualTo(4);
    }
  }

  @Test
  void theCallersBatchIsLeftAlone() throws IOException {
    ByteBuffer batch = Logs.batch(5, "a");
    ByteBuffer readOnly = batch.asReadOnlyBuffer();
    ByteBuffer before = ByteBuffer.allocate(batch.remaining()).put(batch.duplicate()).flip();

    try (PartitionLog log = create(SMALL)) {
      log.append(Logs.batch(5, "x"), 1, 1);
      log.append(readOnly, 1, 1);
    }

    assertThat(batch).isEqualTo(before);
    assertThat(readOnly.position()).isZero();
  }

  @Test
  void aReadGivesWholeBatchesWithinItsLimitAndAlwaysOne() throws IOException {
    try (PartitionLog log = create(new LogConfig(1 << 20, 1000, 100))) {
      int size = Logs.batch(1, "a").remaining();
      for (int i = 0; i < 10; i++) {
        log.append(Logs.batch(1, "a"), 1, 1);
      }

      assertThat(bytes(log.read(4, 0)).remaining()).isEqualTo(size);
      assertThat(bytes(log.read(4, 3 * size)).remaining()).isEqualTo(3 * size);
      assertThat(bytes(log.read(4, 3 * size + 60)).remaining()).isEqualTo(3 * size);
      assertThat(first(log.read(4, 3 * size)).baseOffset()).isEqualTo(4);
      assertThat(bytes(log.read(8, Integer.MAX_VALUE)).remaining()).isEqualTo(2 * size);
    }
  }

  @Test
  void aBatchLargerThanAnyReadIsGivenWhole() throws IOException {
    ByteBuffer large = Logs.batch(1, "x".repeat(300_000));
    try (PartitionLog log = create(SMALL)) {
      log.append(Logs.batch(1, "a"), 1, 1);
      log.append(large, 1, 1);
      log.append(Logs.batch(1, "b"), 1, 1);

      assertThat(bytes(log.read(1, 1)).remaining()).isEqualTo(large.remaining());
      assertThat(Logs.readAll(log, 1000)).hasSize(3);
    }
  }

  @Test
  void offsetsOutsideTheLogAreRefused() throws IOException {
    try (PartitionLog log = create(SMALL)) {
      log.append(Logs.batch(1, "a", "b", "c"), 1, 1);
      log.trimFront(1);

      assertThat(log.read(0, 100)).isEqualTo(new ReadResult.OutOfRange(1, 3));
      assertThat(log.read(4, 100)).isEqualTo(new ReadResult.OutOfRange(1, 3));
      assertThat(log.read(-1, 100)).isEqualTo(new ReadResult.OutOfRange(1, 3));
      assertThat(bytes(log.read(3, 100)).hasRemaining()).isFalse();
      assertThat(first(log.read(1, 100)).baseOffset()).isZero();
    }
  }

  @Test
  void aSegmentIsClosedWhenItIsFullOrOld() throws IOException {
    try (PartitionLog log = create(SMALL)) {
      log.append(Logs.batch(1, "x".repeat(150)), 1, 5_000);
      log.append(Logs.batch(1, "x".repeat(150)), 1, 5_100);
      log.append(Logs.batch(1, "small"), 1, 5_200);
      log.append(Logs.batch(1, "small"), 1, 6_099);
      log.append(Logs.batch(1, "small"), 1, 6_100);

      assertThat(log.segments()).extracting(SegmentSummary::baseOffset).containsExactly(0L, 1L, 4L);
      assertThat(log.segments())
          .extracting(SegmentSummary::lastAppendTimeMs)
          .containsExactly(5_000L, 6_099L, 6_100L);
      log.configure(new LogConfig(1, 1000, 100));
      log.append(Logs.batch(1, "small"), 1, 6_100);
      assertThat(log.segments()).hasSize(4);
    }
  }

  @Test
  void theFirstRecordOfATimeIsFoundAcrossSegments() throws IOException {
    try (PartitionLog log = create(SMALL)) {
      for (int i = 0; i < 60; i++) {
        RecordBatchBuilder builder = new RecordBatchBuilder(Compression.LZ4);
        builder.append(1000 + 10 * i, null, null, List.of());
        builder.append(1005 + 10 * i, null, null, List.of());
        log.append(builder.build(), 1, 1);
      }

      assertThat(log.segments().size()).isGreaterThan(5);
      for (int time = 990; time <= 1595; time++) {
        long expected = Math.max(0, (time - 1000 + 4) / 5);
        assertThat(log.offsetForTimestamp(time)).as("time %d", time).hasValue(expected);
      }
      assertThat(log.offsetForTimestamp(1596)).isEqualTo(OptionalLong.empty());
      log.trimFront(31);
      assertThat(log.offsetForTimestamp(0)).hasValue(31);
    }
  }

  @Test
  void timesOutOfOrderAreFoundAsTheFirstOffsetThatReachesThem() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Integer> times = new ArrayList<>();
    try (PartitionLog log = create(new LogConfig(2_000, 1000, 100))) {
      for (int i = 0; i < 300; i++) {
        times.add(random.nextInt(500));
        log.append(Logs.batch(times.get(i), "v"), 1, 1);
      }
      log.capture().force();

      for (int time = 0; time <= 500; time++) {
        int expected = -1;
        for (int i = times.size() - 1; i >= 0; i--) {
          expected = times.get(i) >= time ? i : expected;
        }
        assertThat(log.offsetForTimestamp(time).orElse(-1))
            .as("seed %d time %d", seed, time)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void trimmedSegmentsKeepTheirFilesUntilACheckpointIsDurable() throws IOException {
    try (PartitionLog log = create(new LogConfig(1, 1000, 100))) {
      for (int i = 0; i < 5; i++) {
        log.append(Logs.batch(1, "v" + i), 1, 1);
      }
      LogCapture before = log.capture();
      before.force();
      log.trimFront(3);
      LogCapture after = log.capture();
      after.force();

      before.removeDoomed();
      assertThat(logFiles()).hasSize(5);
      after.removeDoomed();
      after.removeDoomed();

      assertThat(logFiles()).containsExactly(name(3), name(4));
      assertThat(disk.list(directory)).hasSize(6);
      assertThat(Logs.readAll(log, 100)).containsExactly("3=v3", "4=v4");
      assertThat(log.sizeBytes()).isEqualTo(2L * Logs.batch(1, "v0").remaining());
    }
  }

  @Test
  void trimmingToTheEndLeavesAnEmptySegment() throws IOException {
    try (PartitionLog log = create(SMALL)) {
      log.append(Logs.batch(1, "a", "b"), 7, 1);
      log.trimFront(2);
      LogCapture capture = log.capture();
      capture.force();
      capture.removeDoomed();

      assertThat(log.startOffset()).isEqualTo(2);
      assertThat(log.sizeBytes()).isZero();
      assertThat(logFiles()).containsExactly(name(2));
      assertThat(log.latestEpoch()).isEqualTo(7);
      assertThat(log.append(Logs.batch(1, "c"), 7, 2)).isEqualTo(2);
      assertThatThrownBy(() -> log.trimFront(9)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aClosedLogRemovesNothing() throws IOException {
    PartitionLog log = create(new LogConfig(1, 1000, 100));
    log.append(Logs.batch(1, "a"), 1, 1);
    log.append(Logs.batch(1, "b"), 1, 1);
    log.trimFront(1);
    LogCapture capture = log.capture();
    capture.force();
    log.close();

    capture.removeDoomed();

    assertThat(logFiles()).hasSize(2);
  }

  @Test
  void restoringComesBackToTheCheckpoint() throws IOException {
    LogCheckpoint checkpoint;
    try (PartitionLog log = create(SMALL)) {
      for (int i = 0; i < 20; i++) {
        log.append(Logs.batch(i, "v" + i), i / 5, i);
      }
      log.trimFront(3);
      LogCapture capture = log.capture();
      capture.force();
      checkpoint = throughBytes(capture.checkpoint());
      for (int i = 20; i < 50; i++) {
        log.append(Logs.batch(i, "v" + i), 9, i);
      }
    }
    Files.writeString(directory.resolve("partition.metadata"), "kept");

    try (PartitionLog log = PartitionLog.restore(disk, directory, SMALL, openFiles, checkpoint)) {
      assertThat(log.startOffset()).isEqualTo(3);
      assertThat(log.endOffset()).isEqualTo(20);
      assertThat(log.latestEpoch()).isEqualTo(3);
      assertThat(Logs.readAll(log, 200)).hasSize(17).startsWith("3=v3").endsWith("19=v19");
      assertThat(log.capture().checkpoint()).isEqualTo(checkpoint);
      assertThat(log.append(Logs.batch(1, "again"), 4, 1)).isEqualTo(20);
    }
    assertThat(directory.resolve("partition.metadata")).hasContent("kept");
  }

  @Test
  void whatAFileHasLostIsDamageAndTheRestIsServed() throws IOException {
    LogCheckpoint checkpoint;
    try (PartitionLog log = create(SMALL)) {
      log.append(Logs.batch(1, "a"), 1, 1);
      log.append(Logs.batch(2, "b"), 1, 2);
      checkpoint = log.capture().checkpoint();
    }
    Path file = directory.resolve(name(0));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 3));

    try (PartitionLog log = PartitionLog.restore(disk, directory, SMALL, openFiles, checkpoint)) {
      assertThat(log.read(0, 1)).isInstanceOf(ReadResult.Batches.class);
      assertThatThrownBy(() -> log.read(1, 1))
          .isInstanceOf(CorruptBatchException.class)
          .hasMessageContaining(file.toString());
      assertThat(log.append(Logs.batch(3, "c"), 1, 3)).isEqualTo(2);
      assertThat(log.read(2, 1)).isInstanceOf(ReadResult.Batches.class);
    }
    Files.delete(file);
    try (PartitionLog log = PartitionLog.restore(disk, directory, SMALL, openFiles, checkpoint)) {
      assertThatThrownBy(() -> log.read(0, 1)).isInstanceOf(CorruptBatchException.class);
      assertThat(log.append(Logs.batch(3, "c"), 1, 3)).isEqualTo(2);
      assertThat(log.read(2, 1)).isInstanceOf(ReadResult.Batches.class);
    }
  }

  @Test
  void creatingRemovesWhatIsInTheWay() throws IOException {
    try (PartitionLog log = create(new LogConfig(1, 1000, 100))) {
      log.append(Logs.batch(1, "a"), 1, 1);
      log.append(Logs.batch(1, "b"), 1, 1);
      log.capture().force();
    }

    try (PartitionLog log = create(SMALL)) {
      assertThat(log.endOffset()).isZero();
      assertThat(disk.list(directory)).containsExactly(directory.resolve(name(0)));
    }
  }

  @Test
  void fewFilesAreOpenHoweverManySegmentsThereAre() throws IOException {
    try (PartitionLog log = create(new LogConfig(1, 1000, 100))) {
      for (int i = 0; i < 40; i++) {
        log.append(Logs.batch(1, "v" + i), 1, 1);
      }

      assertThat(Logs.readAll(log, 10)).hasSize(40);

      assertThat(openFiles.count()).isLessThanOrEqualTo(2);
    }
    assertThat(openFiles.count()).isZero();
  }

  private PartitionLog create(LogConfig config) throws IOException {
    return PartitionLog.create(disk, directory, config, openFiles);
  }

  private List<String> logFiles() throws IOException {
    return List.copyOf(Logs.files(disk, directory, ".log").keySet());
  }

  private static String name(long baseOffset) {
    return SegmentNames.stem(baseOffset, 0) + SegmentNames.LOG;
  }

  private static ByteBuffer bytes(ReadResult result) {
    return ((ReadResult.Batches) result).bytes();
  }

  private static RecordBatch first(ReadResult result) {
    return RecordBatches.in(bytes(result)).iterator().next();
  }

  private static LogCheckpoint throughBytes(LogCheckpoint checkpoint) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    checkpoint.writeTo(new DataOutputStream(bytes));
    return LogCheckpoint.readFrom(
        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
  }
}
