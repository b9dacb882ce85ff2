package io.ottla.log;

import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Compares indexes with a segment's batches, and takes into them what lies behind their last
 * entries. One owner, as long as the file is open.
 */
final class IndexTail {
  private final DiskFile file;
  private final Path path;
  private final BatchSurvey.Bounds bounds;
  private final int indexIntervalBytes;
  private long baseOffset;

  /**
   * @param bounds what of the segment's file counts
   * @param indexIntervalBytes of its indexes
   */
  IndexTail(DiskFile file, Path path, BatchSurvey.Bounds bounds, int indexIntervalBytes) {
    this.file = file;
    this.path = path;
    this.bounds = bounds;
    this.indexIntervalBytes = indexIntervalBytes;
  }

  BatchSurvey.Bounds bounds() {
    return bounds;
  }

  /** The base offset of the batch that the last entry leads to; after {@link #leadsTo}. */
  long baseOffset() {
    return baseOffset;
  }

  /** Whether the last entry of each index leads to the batch that it speaks of. */
  boolean leadsTo(SegmentIndexes indexes) throws IOException {
    int last = indexes.offsets().count() - 1;
    long segmentBase = bounds.summary().baseOffset();
    BatchScanner scanner = scanner(indexes.offsets().positionBytes(last));
    try {
      if (!scanner.next()
          || scanner.lastOffset() != segmentBase + indexes.offsets().relativeOffset(last)) {
        return false;
      }
      baseOffset = scanner.baseOffset();
      int latest = indexes.times().count() - 1;
      return latest < 0 || leadsToTime(indexes, latest);
    } catch (CorruptBatchException e) {
      return false;
    }
  }

  private boolean leadsToTime(SegmentIndexes indexes, int entry) throws IOException {
    int relativeOffset = indexes.times().relativeOffset(entry);
    int before = indexes.offsets().floor(relativeOffset);
    BatchScanner scanner = scanner(before < 0 ? 0 : indexes.offsets().positionBytes(before));
    long offset = bounds.summary().baseOffset() + relativeOffset;
    while (scanner.next()) {
      if (scanner.lastOffset() >= offset) {
        return scanner.lastOffset() == offset
            && scanner.maxTimestampMs() == indexes.times().timestampMs(entry);
      }
    }
    return false;
  }

  /**
   * Whether a batch behind the last entry calls for an entry that is not there. False if damage
   * hides that.
   */
  boolean isMissing(SegmentIndexes indexes) throws IOException {
    int last = indexes.offsets().count() - 1;
    SegmentIndexes behind = SegmentIndexes.empty(bounds.summary().baseOffset());
    BatchScanner scanner = scanner(last < 0 ? 0 : indexes.offsets().positionBytes(last));
    try {
      while (behind.offsets().count() == 0 && scanner.next()) {
        take(scanner, behind);
      }
    } catch (CorruptBatchException e) {
      return false;
    }
    return behind.offsets().count() > 0;
  }

  /**
   * Takes batches into indexes by their headers, from a position to the end.
   *
   * <p>If the last entry is of the batch at that position, it gets no second one: no entry is made
   * while nothing has been counted since the last one.
   *
   * @param offset where the first of them must begin
   * @return false if the headers do not lead to the segment's end: then the indexes are of no use
   */
  boolean walk(SegmentIndexes indexes, long positionBytes, long offset) throws IOException {
    long nextOffset = offset;
    BatchScanner scanner = scanner(positionBytes);
    try {
      while (scanner.next()) {
        if (scanner.baseOffset() != nextOffset || scanner.lastOffset() < nextOffset) {
          return false;
        }
        nextOffset = scanner.lastOffset() + 1;
        take(scanner, indexes);
      }
    } catch (CorruptBatchException e) {
      return false;
    }
    return nextOffset == bounds.nextOffset();
  }

  private void take(BatchScanner scanner, SegmentIndexes indexes) {
    indexes.append(
        scanner.lastOffset(),
        scanner.maxTimestampMs(),
        scanner.positionBytes(),
        scanner.sizeBytes(),
        indexIntervalBytes);
  }

  /** Indexes of the batches that are whole. */
  SegmentIndexes survey() throws IOException {
    long segmentBase = bounds.summary().baseOffset();
    SegmentIndexes made = SegmentIndexes.empty(segmentBase);
    made.lacksDamaged();
    BatchSurvey survey =
        new BatchSurvey(file, path, bounds, BatchJudge.OF_ANY_EPOCH, 0, segmentBase);
    while (survey.next()) {
      if (survey.isWhole()) {
        made.append(
            survey.batch().lastOffset(),
            survey.batch().maxTimestampMs(),
            survey.positionBytes(),
            survey.batch().sizeBytes(),
            indexIntervalBytes);
      }
    }
    return made;
  }

  private BatchScanner scanner(long positionBytes) {
    return new BatchScanner(file, path, positionBytes, bounds.sizeBytes());
  }
}
