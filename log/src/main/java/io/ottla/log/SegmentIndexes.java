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

  /** Those in a closed segment's files; empty if one is missing or cannot belong to it. */
  static Optional<SegmentIndexes> load(
      Disk disk, Path directory, SegmentSummary segment, long nextOffset) throws IOException {
    long baseOffset = segment.baseOffset();
    Path offsetFile = directory.resolve(SegmentNames.name(segment, SegmentNames.OFFSET_INDEX));
    Path timeFile = directory.resolve(SegmentNames.name(segment, SegmentNames.TIME_INDEX));
    if (!disk.exists(offsetFile) || !disk.exists(timeFile)) {
      return Optional.empty();
    }
    long offsetCount = nextOffset - baseOffset;
    Optional<OffsetIndex> offsets =
        OffsetIndex.decode(disk.readAll(offsetFile), offsetCount, segment.sizeBytes());
    Optional<TimeIndex> times =
        TimeIndex.decode(disk.readAll(timeFile), offsetCount, segment.maxTimestampMs());
    return offsets.isPresent() && times.isPresent()
        ? Optional.of(new SegmentIndexes(baseOffset, offsets.get(), times.get(), false))
        : Optional.empty();
  }

  /**
   * Whether they were made from the batches themselves. If not, an entry that does not fit its
   * batch is the index's fault.
   */
  boolean proven() {
    return proven;
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
