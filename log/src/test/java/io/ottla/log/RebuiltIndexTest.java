package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** An index that a reader had to make anew, while the segment grew. */
class RebuiltIndexTest {
  private static final LogConfig CONFIG = new LogConfig(1 << 20, 1_000_000, 4096);
  private static final Path DIRECTORY = Path.of("/broker-1/liked-0");

  private final Disk real = new ForgetfulDisk();
  private final WatchedDisk watched = new WatchedDisk(real);
  private boolean grown;

  @Test
  void aSegmentThatIsClosedMeanwhileKeepsItsWholeIndex() throws IOException {
    try (PartitionLog log = openWithAWrongEntry()) {
      watched.afterRead(
          (_, positionBytes) -> {
            if (!grown && positionBytes == 0) {
              grown = true;
              fill(log, 2);
            }
          });
      log.read(150, 1);
      assertThat(grown).isTrue();
      watched.afterRead((_, _) -> {});
      long last = log.segments().get(1).baseOffset() - 1;
      log.read(last, 1);
      watched.takeReadBytes();

      log.read(last, 1);

      assertThat(watched.takeReadBytes()).isLessThan(32 << 10);
    }
  }

  /** The last entry is right, the one in the middle is not: only a reader finds that out. */
  private PartitionLog openWithAWrongEntry() throws IOException {
    LogCheckpoint checkpoint;
    try (PartitionLog log = PartitionLog.create(real, DIRECTORY, CONFIG, new OpenFiles(3))) {
      for (int i = 0; i < 300; i++) {
        append(log);
      }
      LogCapture capture = log.capture();
      capture.force();
      checkpoint = capture.checkpoint();
    }
    Path index = DIRECTORY.resolve(SegmentNames.stem(0, 0) + SegmentNames.OFFSET_INDEX);
    byte[] bytes = real.readAll(index);
    int entries = bytes.length / OffsetIndex.ENTRY_BYTES;
    assertThat(entries).isGreaterThan(20);
    for (int entry = 1; entry < entries - 1; entry++) {
      bytes[entry * OffsetIndex.ENTRY_BYTES + 7] ^= 1;
    }
    Logs.overwrite(real, index, bytes);
    return PartitionLog.restore(watched.disk(), DIRECTORY, CONFIG, new OpenFiles(3), checkpoint);
  }

  private static void fill(PartitionLog log, int segments) throws IOException {
    while (log.segments().size() < segments) {
      append(log);
    }
  }

  private static void append(PartitionLog log) throws IOException {
    log.append(Logs.batch(log.endOffset(), "x".repeat(500)), 1, 1);
  }
}
