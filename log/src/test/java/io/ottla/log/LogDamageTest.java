package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damaged files: tails are cut, indexes made anew, and no wrong record is ever served. */
class LogDamageTest {
  private static final LogConfig CONFIG = new LogConfig(500, 1_000_000, 90);
  private static final int RECORDS = 20;

  private final Disk disk = new ForgetfulDisk();
  private final OpenFiles openFiles = new OpenFiles(3);
  private final Path directory = Path.of("/broker/liked-0");
  private LogCheckpoint checkpoint;
  private List<String> values;
  private List<OptionalLong> byTime;

  @BeforeEach
  void fill() throws IOException {
    try (PartitionLog log = PartitionLog.create(disk, directory, CONFIG, openFiles)) {
      for (int i = 0; i < RECORDS; i++) {
        log.append(Logs.batch(10L * i, "value-" + i), 1, i);
      }
      LogCapture capture = log.capture();
      capture.force();
      checkpoint = capture.checkpoint();
      values = Logs.readAll(log, 1000);
      byTime = offsetsByTime(log);
      assertThat(log.segments().size()).isGreaterThan(3);
    }
  }

  @Test
  void aTailOfAnyLengthBehindTheCheckpointIsCut() throws IOException {
    Random random = new Random(7);
    SegmentSummary active = checkpoint.segments().getLast();
    Path file = logFile(active.baseOffset());
    byte[] promised = disk.readAll(file);
    ByteBuffer next = Logs.batch(9, "never checkpointed");
    for (int length = 0; length <= next.remaining(); length++) {
      byte[] garbage = new byte[length];
      random.nextBytes(garbage);
      byte[] torn = new byte[length];
      next.get(0, torn);
      for (byte[] tail : List.of(garbage, torn, new byte[length])) {
        byte[] longer = Arrays.copyOf(promised, promised.length + length);
        System.arraycopy(tail, 0, longer, promised.length, length);
        Logs.overwrite(disk, file, longer);

        try (PartitionLog log = restore()) {
          assertThat(disk.readAll(file)).isEqualTo(promised);
          assertThat(Logs.readAll(log, 500)).isEqualTo(values);
          assertThat(log.append(next, 1, 9)).isEqualTo(RECORDS);
          assertThat(Logs.readAll(log, 500)).hasSize(RECORDS + 1);
        }
      }
    }
  }

  @Test
  void missingIndexesAreMadeAnewTheSame() throws IOException {
    var before = Logs.files(disk, directory, "index");
    for (Path path : disk.list(directory)) {
      if (path.toString().endsWith("index")) {
        disk.delete(path);
      }
    }

    try (PartitionLog log = restore()) {
      assertThat(Logs.readAll(log, 500)).isEqualTo(values);
      log.capture().force();
      assertThat(Logs.files(disk, directory, "index")).isEqualTo(before);
    }
  }

  @Test
  void anyFlippedBitOfAnIndexIsHarmless() throws IOException {
    for (Path path : disk.list(directory)) {
      if (!path.toString().endsWith("index")) {
        continue;
      }
      byte[] whole = disk.readAll(path);
      for (int bit = 0; bit < whole.length * 8; bit++) {
        Logs.overwrite(disk, path, flipped(whole, bit));

        try (PartitionLog log = restore()) {
          for (int offset = 0; offset < RECORDS; offset++) {
            assertServed(log, offset);
          }
          assertThat(offsetsByTime(log)).as("%s bit %d", path, bit).isEqualTo(byTime);
        }
      }
      Logs.overwrite(disk, path, whole);
    }
  }

  @Test
  void anIndexCutAnywhereIsHarmless() throws IOException {
    for (Path path : disk.list(directory)) {
      if (!path.toString().endsWith("index")) {
        continue;
      }
      byte[] whole = disk.readAll(path);
      for (int length = 0; length < whole.length; length++) {
        Logs.overwrite(disk, path, Arrays.copyOf(whole, length));

        try (PartitionLog log = restore()) {
          assertThat(Logs.readAll(log, 200)).isEqualTo(values);
          assertThat(offsetsByTime(log)).isEqualTo(byTime);
        }
      }
      Logs.overwrite(disk, path, whole);
    }
  }

  @Test
  void noFlippedBitOfASegmentIsEverServed() throws IOException {
    for (long base : new long[] {0, checkpoint.segments().getLast().baseOffset()}) {
      Path path = logFile(base);
      byte[] whole = disk.readAll(path);
      for (int bit = 0; bit < whole.length * 8; bit++) {
        Logs.overwrite(disk, path, flipped(whole, bit));
        int refused = 0;
        try (PartitionLog log = restore()) {
          for (int offset = 0; offset < RECORDS; offset++) {
            refused += servedOrRefused(log, offset, path) ? 0 : 1;
          }
        }
        assertThat(refused).as("%s bit %d", path, bit).isPositive();
      }
      Logs.overwrite(disk, path, whole);
    }
  }

  @Test
  void damageInOneBatchLeavesTheOthersReadable() throws IOException {
    Path path = logFile(0);
    byte[] whole = disk.readAll(path);
    int batchBytes = Logs.batch(0, "value-0").remaining();
    Logs.overwrite(disk, path, flipped(whole, (3 * batchBytes + batchBytes - 2) * 8));

    try (PartitionLog log = restore()) {
      for (int offset = 0; offset < RECORDS; offset++) {
        assertThat(servedOrRefused(log, offset, path)).isEqualTo(offset != 3);
      }
    }
  }

  private boolean servedOrRefused(PartitionLog log, int offset, Path file) throws IOException {
    try {
      assertServed(log, offset);
      return true;
    } catch (CorruptBatchException e) {
      assertThat(e).hasMessageContaining(file.toString()).hasMessageContaining("offset=" + offset);
      return false;
    }
  }

  private void assertServed(PartitionLog log, int offset) throws IOException {
    var batches = (ReadResult.Batches) log.read(offset, 100);
    List<String> served = new ArrayList<>();
    for (RecordBatch batch : RecordBatches.in(batches.bytes())) {
      assertThat(batch.leaderEpoch()).isEqualTo(1);
      for (StoredRecord record : batch.records()) {
        served.add(record.offset() + "=" + Logs.text(record.value()));
      }
    }
    assertThat(served).isEqualTo(values.subList(offset, offset + served.size())).isNotEmpty();
  }

  private static List<OptionalLong> offsetsByTime(PartitionLog log) throws IOException {
    List<OptionalLong> offsets = new ArrayList<>();
    for (int time = 0; time <= 10 * RECORDS; time += 5) {
      offsets.add(log.offsetForTimestamp(time));
    }
    return offsets;
  }

  private static byte[] flipped(byte[] whole, int bit) {
    byte[] damaged = whole.clone();
    damaged[bit / 8] ^= (byte) (1 << (bit % 8));
    return damaged;
  }

  private PartitionLog restore() throws IOException {
    return PartitionLog.restore(disk, directory, CONFIG, openFiles, checkpoint);
  }

  private Path logFile(long baseOffset) {
    return directory.resolve(SegmentNames.stem(baseOffset, 0) + SegmentNames.LOG);
  }
}
