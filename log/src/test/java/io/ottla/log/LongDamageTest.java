package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.disk.ForgetfulDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What damage of most of a segment costs; it is counted, not timed. */
class LongDamageTest {
  private static final LogConfig CONFIG = new LogConfig(1 << 30, 1_000_000, 4096);
  private static final Path DIRECTORY = Path.of("/broker-1/liked-0");

  private final Disk real = new ForgetfulDisk();
  private final WatchedDisk watched = new WatchedDisk(real);

  @Test
  void aSegmentOfZerosIsReadAFewTimes() throws IOException {
    assertThatDamageIsReadAFewTimes(new byte[2 << 20]);
  }

  @Test
  void aSegmentOfRandomBytesIsReadAFewTimes() throws IOException {
    byte[] random = new byte[2 << 20];
    new Random(15).nextBytes(random);
    assertThatDamageIsReadAFewTimes(random);
  }

  private void assertThatDamageIsReadAFewTimes(byte[] damage) throws IOException {
    try (PartitionLog log = create(watched.disk())) {
      fill(log, damage.length + (8 << 10), 1000);
      long segmentBytes = log.sizeBytes();
      overwrite(4 << 10, damage);
      long lastOffset = log.endOffset() - 1;
      watched.takeReadBytes();

      assertThat(log.read(lastOffset, 1)).isInstanceOf(ReadResult.Batches.class);
      assertThatThrownBy(() -> log.read(lastOffset - 100, 1))
          .isInstanceOf(CorruptBatchException.class);
      assertThat(log.repair().repairKnown()).isZero();
      assertThat(log.repair().scrub(Optional.empty(), Long.MAX_VALUE).damaged()).isEqualTo(1);

      assertThat(watched.takeReadBytes()).isLessThan(16 * segmentBytes);
    }
  }

  @Test
  void twoDamagedBatchesTakeTheirOwnOffsetsOnly() throws IOException {
    try (PartitionLog log = create(real)) {
      fill(log, 100_000, 1000);
      int batchBytes = Logs.batch(0, "x".repeat(1000)).remaining();
      overwrite(3L * batchBytes + BatchFormat.LENGTH, new byte[] {0x7f});
      overwrite(4L * batchBytes + BatchFormat.LENGTH, new byte[] {0x7f});

      log.repair().scrub(Optional.empty(), Long.MAX_VALUE);

      assertThat(log.repair().knownDamage())
          .singleElement()
          .returns(3L, DamagedRange::startOffset)
          .returns(5L, DamagedRange::nextOffset);
    }
  }

  @Test
  void aReadRepairsABoundedPart() throws IOException {
    Path theirs = Path.of("/broker-2/liked-0");
    LogCheckpoint checkpoint;
    AtomicInteger copied = new AtomicInteger();
    try (PartitionLog other = PartitionLog.create(real, theirs, CONFIG, new OpenFiles(3))) {
      fill(other, 40 << 20, 1 << 20);
      try (PartitionLog log = create(real)) {
        fill(log, 40 << 20, 1 << 20);
        checkpoint = log.capture().checkpoint();
      }
      overwrite(0, new byte[(int) other.sizeBytes()]);
      try (PartitionLog log =
          PartitionLog.restore(real, DIRECTORY, CONFIG, new OpenFiles(3), checkpoint)) {
        log.repair()
            .copyFrom(
                (place, isRight) -> {
                  copied.incrementAndGet();
                  return batchAt(other, place).filter(isRight);
                });
        long last = log.endOffset() - 1;

        int refused = 0;
        while (isRefused(log, last)) {
          refused++;
          assertThat(copied.getAndSet(0)).isBetween(1, 17);
          assertThat(log.repair().knownDamage()).hasSize(1);
        }

        assertThat(refused).isEqualTo(2);
        assertThat(log.repair().knownDamage()).isEmpty();
      }
    }
  }

  @Test
  void aFileThatIsReadAsDamagedAfterItsRepairIsGivenUp() throws IOException {
    try (PartitionLog log = create(watched.disk())) {
      fill(log, 100_000, 1000);
      ByteBuffer whole = Logs.batch(0, "x".repeat(1000));
      whole.putLong(BatchFormat.BASE_OFFSET, 0).putInt(BatchFormat.LEADER_EPOCH, 1);
      watched.afterRead(
          (bytes, positionBytes) -> {
            if (positionBytes == 0) {
              bytes.put(500, (byte) 1);
            }
          });
      AtomicInteger copied = new AtomicInteger();
      log.repair()
          .copyFrom(
              (_, isRight) -> {
                assertThat(copied.incrementAndGet()).isLessThan(10);
                return Optional.of(whole.duplicate()).filter(isRight);
              });

      assertThatThrownBy(() -> log.read(0, 1)).isInstanceOf(CorruptBatchException.class);
    }
  }

  private static boolean isRefused(PartitionLog log, long offset) throws IOException {
    try {
      log.read(offset, 1);
      return false;
    } catch (CorruptBatchException e) {
      return true;
    }
  }

  private static Optional<ByteBuffer> batchAt(PartitionLog log, BatchPlace place) {
    try {
      return log.repair().batchAt(place);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PartitionLog create(Disk disk) throws IOException {
    return PartitionLog.create(disk, DIRECTORY, CONFIG, new OpenFiles(3));
  }

  /** Appends records of so many bytes until there are as many as that. */
  private static void fill(PartitionLog log, long sizeBytes, int recordBytes) throws IOException {
    while (log.sizeBytes() < sizeBytes) {
      log.append(Logs.batch(log.endOffset(), "x".repeat(recordBytes)), 1, 1);
    }
  }

  private void overwrite(long positionBytes, byte[] bytes) throws IOException {
    Path file = DIRECTORY.resolve(SegmentNames.stem(0, 0) + SegmentNames.LOG);
    try (DiskFile open = real.open(file, Disk.OpenMode.READ_WRITE)) {
      open.write(ByteBuffer.wrap(bytes), positionBytes);
    }
  }
}
