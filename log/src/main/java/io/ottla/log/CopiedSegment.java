package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.log.LogRepair.Scrubbed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments' files outside of a log that is in use: copies of another replica's, or old ones of this
 * one. Stateless; one owner of the files.
 */
public final class CopiedSegment {
  private static final Logger LOGGER = LoggerFactory.getLogger(CopiedSegment.class);

  private CopiedSegment() {}

  /**
   * Verifies every batch of a file that is as long as the checkpoint says, and repairs what is
   * damaged.
   *
   * @param checkpoint names the file
   * @return what was found; nothing if the checkpoint does not name the file
   */
  public static Scrubbed mend(Disk disk, Path file, LogCheckpoint checkpoint, BatchCopies copies)
      throws IOException {
    Optional<Segment> segment =
        open(disk, file.getParent(), checkpoint, file.getFileName().toString());
    if (segment.isEmpty()) {
      return new Scrubbed(Optional.empty(), 0, 0, 0);
    }
    List<Segment> only = List.of(segment.get());
    LogRepair repair = new LogRepair(() -> only, () -> only, () -> judge(checkpoint));
    repair.copyFrom(copies);
    try {
      return repair.scrub(Optional.empty(), Long.MAX_VALUE);
    } finally {
      segment.get().close();
    }
  }

  /** The batches in a directory that a checkpoint speaks of, as far as its files are there. */
  public static BatchCopies copiesIn(Disk disk, Path directory, LogCheckpoint checkpoint) {
    return (place, isRight) -> find(disk, directory, checkpoint, place).filter(isRight);
  }

  private static Optional<ByteBuffer> find(
      Disk disk, Path directory, LogCheckpoint checkpoint, BatchPlace place) {
    Optional<Segment> found = Optional.empty();
    try {
      if (disk.exists(directory.resolve(place.fileName()))) {
        found = open(disk, directory, checkpoint, place.fileName());
      }
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Segment old = found.get();
      try {
        return new SegmentCheck(old, () -> judge(checkpoint)).batchAt(place.positionBytes());
      } finally {
        old.close();
      }
    } catch (IOException e) {
      LOGGER.debug("no copy: directory={} file={}", directory, place.fileName(), e);
      return Optional.empty();
    }
  }

  private static Optional<Segment> open(
      Disk disk, Path directory, LogCheckpoint checkpoint, String name) {
    List<SegmentSummary> segments = checkpoint.segments();
    for (int i = 0; i < segments.size(); i++) {
      SegmentSummary summary = segments.get(i);
      boolean isLast = i == segments.size() - 1;
      long nextOffset = isLast ? checkpoint.endOffset() : segments.get(i + 1).baseOffset();
      if (SegmentNames.name(summary, SegmentNames.LOG).equals(name)) {
        return Optional.of(
            Segment.open(
                disk,
                directory,
                new OpenFiles(1),
                summary,
                nextOffset,
                LogConfig.DEFAULT_INDEX_INTERVAL_BYTES));
      }
    }
    return Optional.empty();
  }

  private static BatchJudge judge(LogCheckpoint checkpoint) {
    return new BatchJudge(new EpochHistory(checkpoint.epochs()), checkpoint.startOffset());
  }
}
