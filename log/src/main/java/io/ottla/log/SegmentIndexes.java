package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The two indexes of one segment, in memory, and when they get their next entry: by Kafka's rule, a
 * function of the batches and the interval.
 *
 * <p>One writer; any thread looks up.
 */
final class SegmentIndexes {
  private final long baseOffset;
  private final OffsetIndex offsets;
  private final TimeIndex times;
  private final boolean proven;
  private boolean partial;
  private long bytesSinceEntry;
  private long maxTimestampMs = -1;
  private long offsetOfMaxTimestamp;

  private SegmentIndexes(long baseOffset, OffsetIndex offsets, TimeIndex times, boolean proven) {
    this.baseOffset = baseOffset;
    this.offsets = offsets;
    this.times = times;
    this.proven = proven;
  }

  /** Those of an empty segment. */
  static SegmentIndexes empty(long baseOffset) {
    return new SegmentIndexes(baseOffset, new OffsetIndex(), new TimeIndex(), true);
  }

  /**
   * Those in an open segment's files, as far as they belong to it, and what is behind them; empty
   * if that is not certain.
   *
   * <p>Certain is: the last entries lead to the batches that they speak of, from there the headers
   * lead to the segment's end without calling for an entry that is not there, and the latest time
   * comes out.
   */
  static Optional<SegmentIndexes> loadTail(Disk disk, Path directory, IndexTail tail)
      throws IOException {
    BatchSurvey.Bounds bounds = tail.bounds();
    SegmentSummary segment = bounds.summary();
    Path offsetFile = directory.resolve(SegmentNames.name(segment, SegmentNames.OFFSET_INDEX));
    Path timeFile = directory.resolve(SegmentNames.name(segment, SegmentNames.TIME_INDEX));
    if (!disk.exists(offsetFile) || !disk.exists(timeFile)) {
      return Optional.empty();
    }
    Optional<OffsetIndex> offsets =
        OffsetIndex.decode(disk.readAll(offsetFile), Long.MAX_VALUE, Long.MAX_VALUE);
    Optional<TimeIndex> times =
        TimeIndex.decode(disk.readAll(timeFile), Long.MAX_VALUE, Long.MAX_VALUE);
    if (offsets.isEmpty() || times.isEmpty()) {
      return Optional.empty();
    }
    long baseOffset = segment.baseOffset();
    OffsetIndex kept = offsets.get().cutTo(bounds.nextOffset() - baseOffset, segment.sizeBytes());
    int last = kept.count() - 1;
    if (last < 0) {
      return Optional.empty();
    }
    SegmentIndexes made =
        new SegmentIndexes(baseOffset, kept, times.get().cutTo(kept.relativeOffset(last)), false);
    return tail.leadsTo(made) && made.takeTail(tail) ? Optional.of(made) : Optional.empty();
  }

  /** Walks from the last entry to the end; false if that is not how these indexes came about. */
  private boolean takeTail(IndexTail tail) throws IOException {
    int last = offsets.count() - 1;
    int latest = times.count() - 1;
    if (latest >= 0) {
      maxTimestampMs = times.timestampMs(latest);
      offsetOfMaxTimestamp = baseOffset + times.relativeOffset(latest);
    }
    long positionBytes = offsets.positionBytes(last);
    boolean isWhole = tail.walk(this, positionBytes, tail.baseOffset());
    return isWhole
        && offsets.count() == last + 1
        && maxTimestampMs == tail.bounds().summary().maxTimestampMs();
  }

  /**
   * Those in a closed segment's files; empty if one is missing or cannot belong to it, or if one
   * ends early: a batch behind the last entry calls for another, or the latest time has none.
   */
  static Optional<SegmentIndexes> load(Disk disk, Path directory, IndexTail tail)
      throws IOException {
    BatchSurvey.Bounds bounds = tail.bounds();
    SegmentSummary segment = bounds.summary();
    long baseOffset = segment.baseOffset();
    Path offsetFile = directory.resolve(SegmentNames.name(segment, SegmentNames.OFFSET_INDEX));
    Path timeFile = directory.resolve(SegmentNames.name(segment, SegmentNames.TIME_INDEX));
    if (!disk.exists(offsetFile) || !disk.exists(timeFile)) {
      return Optional.empty();
    }
    long offsetCount = bounds.nextOffset() - baseOffset;
    Optional<OffsetIndex> offsets =
        OffsetIndex.decode(disk.readAll(offsetFile), offsetCount, segment.sizeBytes());
    Optional<TimeIndex> times =
        TimeIndex.decode(disk.readAll(timeFile), offsetCount, segment.maxTimestampMs());
    if (offsets.isEmpty()
        || times.isEmpty()
        || times.get().latestTimestampMs() != segment.maxTimestampMs()) {
      return Optional.empty();
    }
    SegmentIndexes made = new SegmentIndexes(baseOffset, offsets.get(), times.get(), false);
    return tail.isMissing(made) ? Optional.empty() : Optional.of(made);
  }

  /**
   * Whether they were made from the batches themselves. If not, an entry that does not fit its
   * batch is the index's fault.
   */
  boolean proven() {
    return proven;
  }

  /** Whether damaged batches are missing in them: fit to find whole ones, not to be kept. */
  boolean isPartial() {
    return partial;
  }

  /** Something of the segment could not be read. */
  void lacksDamaged() {
    partial = true;
  }

  OffsetIndex offsets() {
    return offsets;
  }

  TimeIndex times() {
    return times;
  }

  /** Takes note of a batch that was written. */
  void append(
      long lastOffset, long batchTimestampMs, long positionBytes, int sizeBytes, int interval) {
    if (batchTimestampMs > maxTimestampMs) {
      maxTimestampMs = batchTimestampMs;
      offsetOfMaxTimestamp = lastOffset;
    }
    if (bytesSinceEntry > interval) {
      offsets.append((int) (lastOffset - baseOffset), (int) positionBytes);
      appendTime();
      bytesSinceEntry = 0;
    }
    bytesSinceEntry += sizeBytes;
  }

  /** The segment is closed: its latest time gets an entry. */
  void close() {
    appendTime();
  }

  /**
   * Writes the first entries to both files.
   *
   * @param segment whose indexes they are
   * @param force whether the files are durable then; their names are not
   */
  void write(
      Disk disk,
      Path directory,
      SegmentSummary segment,
      int offsetCount,
      int timeCount,
      boolean force)
      throws IOException {
    Path offsetFile = directory.resolve(SegmentNames.name(segment, SegmentNames.OFFSET_INDEX));
    write(disk, offsetFile, offsets.encode(offsetCount), force);
    Path timeFile = directory.resolve(SegmentNames.name(segment, SegmentNames.TIME_INDEX));
    write(disk, timeFile, times.encode(timeCount), force);
  }

  private void appendTime() {
    times.append(maxTimestampMs, (int) (offsetOfMaxTimestamp - baseOffset));
  }

  private static void write(Disk disk, Path path, ByteBuffer bytes, boolean force)
      throws IOException {
    Path beside = path.resolveSibling(path.getFileName() + ".tmp");
    disk.delete(beside);
    try (DiskFile file = disk.open(beside, Disk.OpenMode.CREATE)) {
      file.write(bytes, 0);
      if (force) {
        file.force();
      }
    }
    disk.rename(beside, path);
  }
}
