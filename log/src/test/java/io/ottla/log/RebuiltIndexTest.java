package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk;
import io.ottla.disk.ForgetfulDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
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

  @Test
  void aClosedSegmentsIndexThatWasCutBetweenTwoEntriesIsMadeAnew() throws IOException {
    assertMadeAnew(SegmentNames.OFFSET_INDEX, OffsetIndex.ENTRY_BYTES, Reading.AT_OFFSET);
    assertMadeAnew(SegmentNames.TIME_INDEX, TimeIndex.ENTRY_BYTES, Reading.AT_TIME);
  }

  /** Each batch has its offset as its time. */
  private enum Reading {
    AT_OFFSET {
      @Override
      void read(PartitionLog log, long offset) throws IOException {
        log.read(offset, 1);
      }
    },
    AT_TIME {
      @Override
      void read(PartitionLog log, long offset) throws IOException {
        assertThat(log.offsetForTimestamp(offset)).hasValue(offset);
      }
    };

    abstract void read(PartitionLog log, long offset) throws IOException;
  }

  private void assertMadeAnew(String suffix, int entryBytes, Reading reads) throws IOException {
    for (int kept : new int[] {0, 1, 20}) {
      Path directory = DIRECTORY.resolveSibling("cut-" + kept + suffix);
      LogCheckpoint checkpoint;
      long last;
      try (PartitionLog log = PartitionLog.create(real, directory, CONFIG, new OpenFiles(3))) {
        fill(log, 2);
        last = log.segments().get(1).baseOffset() - 1;
        LogCapture capture = log.capture();
        capture.force();
        checkpoint = capture.checkpoint();
      }
      Path index = directory.resolve(SegmentNames.stem(0, 0) + suffix);
      byte[] whole = real.readAll(index);
      assertThat(whole.length).isGreaterThan(21 * entryBytes);
      Logs.overwrite(real, index, Arrays.copyOf(whole, kept * entryBytes));

      try (PartitionLog log =
          PartitionLog.restore(watched.disk(), directory, CONFIG, new OpenFiles(3), checkpoint)) {
        reads.read(log, last);
        watched.takeReadBytes();
        reads.read(log, last);

        assertThat(watched.takeReadBytes())
            .as("%s, entries kept: %d", suffix, kept)
            .isLessThan(32 << 10);
      }
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
