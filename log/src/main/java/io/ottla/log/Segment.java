package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One append-only file of record batches, holding offsets {@code [baseOffset, nextOffset)}, and its
 * two indexes. Written bytes never change.
 *
 * <h2>On disk</h2>
 *
 * <pre>{@code
 * 00000000000000001000.log          batch | batch | …          {@link BatchFormat} draws them
 * 00000000000000001000.index        {@link OffsetIndex}
 * 00000000000000001000.timeindex    {@link TimeIndex}
 * }</pre>
 *
 * {@link SegmentNames} says what a compacted one is called. The indexes are kept in memory while
 * the segment is written and get to disk with checkpoints; a closed segment's are read when they
 * are needed and may be forgotten by the garbage collector.
 *
 * <h2>Always true</h2>
 *
 * The file's first {@code sizeBytes} are whole batches, each beginning at the offset where the one
 * before it ends: what compaction removed is missing within batches, never between them. An index
 * that does not fit them is made anew from them.
 *
 * <h2>Threads</h2>
 *
 * One writer, the group's apply thread. Any thread reads below the published size. {@link
 * Unforced#force} and {@link #remove} belong to the checkpoint thread.
 *
 * <h2>Failure</h2>
 *
 * After a failed write or force the file's tail is unknown: the log must be restored.
 */
final class Segment {
  private static final Logger LOGGER = LoggerFactory.getLogger(Segment.class);

  private final Disk disk;
  private final Path directory;
  private final OpenFiles.Slot file;
  private volatile Extent extent;

  /** Null once a closed segment's indexes are on disk. */
  private volatile SegmentIndexes indexes;

  private volatile SoftReference<SegmentIndexes> loadedIndexes = new SoftReference<>(null);
  private volatile long forcedBytes;

  /** How much of an open segment's index is on disk; -1 if no file is. */
  private int writtenOffsetEntries = -1;

  /** How far the segment reaches. Immutable; published as one. */
  private record Extent(SegmentSummary summary, long nextOffset, boolean closed) {}

  private Segment(Disk disk, Path directory, OpenFiles.Slot file, Extent extent) {
    this.disk = disk;
    this.directory = directory;
    this.file = file;
    this.extent = extent;
    this.forcedBytes = extent.summary.sizeBytes();
  }

  /** Makes the file of a new, empty segment. */
  static Segment create(
      Disk disk, Path directory, OpenFiles openFiles, long baseOffset, int compactions)
      throws IOException {
    SegmentSummary summary = new SegmentSummary(baseOffset, compactions, 0, 0, -1, 0);
    Path path = directory.resolve(SegmentNames.name(summary, SegmentNames.LOG));
    disk.open(path, Disk.OpenMode.CREATE).close();
    Segment segment =
        new Segment(
            disk, directory, openFiles.slot(disk, path), new Extent(summary, baseOffset, false));
    segment.indexes = SegmentIndexes.empty(baseOffset);
    segment.forcedBytes = -1;
    return segment;
  }

  /** The segment of an existing file, which is already cut to the summary's size. */
  static Segment open(
      Disk disk, Path directory, OpenFiles openFiles, SegmentSummary summary, long nextOffset) {
    Path path = directory.resolve(SegmentNames.name(summary, SegmentNames.LOG));
    return new Segment(
        disk, directory, openFiles.slot(disk, path), new Extent(summary, nextOffset, true));
  }

  Path path() {
    return file.path();
  }

  long baseOffset() {
    return extent.summary.baseOffset();
  }

  long nextOffset() {
    return extent.nextOffset;
  }

  SegmentSummary summary() {
    return extent.summary;
  }

  /** Writes a batch whose base offset and epoch are set, then publishes it. */
  void append(ByteBuffer batch, int sizeBytes, long appendTimeMs, int indexIntervalBytes)
      throws IOException {
    Extent before = extent;
    SegmentSummary summary = before.summary;
    long lastOffset = before.nextOffset + batch.getInt(BatchFormat.LAST_OFFSET_DELTA);
    long maxTimestampMs = batch.getLong(BatchFormat.MAX_TIMESTAMP);
    DiskFile open = file.acquire();
    try {
      open.write(batch, summary.sizeBytes());
    } finally {
      file.release();
    }
    indexes.append(lastOffset, maxTimestampMs, summary.sizeBytes(), sizeBytes, indexIntervalBytes);
    boolean first = summary.sizeBytes() == 0;
    extent =
        new Extent(
            new SegmentSummary(
                summary.baseOffset(),
                summary.compactions(),
                summary.sizeBytes() + sizeBytes,
                first ? appendTimeMs : Math.max(appendTimeMs, summary.lastAppendTimeMs()),
                Math.max(maxTimestampMs, summary.maxTimestampMs()),
                first ? appendTimeMs : summary.firstAppendTimeMs()),
            lastOffset + 1,
            false);
  }

  /** Nothing is appended any more. */
  void seal() {
    indexes.close();
    extent = new Extent(extent.summary, extent.nextOffset, true);
  }

  /** The same, for one that takes the place of others: it gets their append times. */
  void seal(long firstAppendTimeMs, long lastAppendTimeMs) {
    seal();
    SegmentSummary summary = extent.summary;
    extent =
        new Extent(
            new SegmentSummary(
                summary.baseOffset(),
                summary.compactions(),
                summary.sizeBytes(),
                lastAppendTimeMs,
                summary.maxTimestampMs(),
                firstAppendTimeMs),
            extent.nextOffset,
            true);
  }

  /**
   * Whole batches from the first one that reaches {@code offset}, in one read where it can be.
   *
   * @return at most {@code maxBytes}, but at least one batch; empty if none reaches that far
   */
  ByteBuffer read(long offset, int maxBytes) throws IOException {
    SegmentIndexes current = indexes();
    try {
      return read(current, offset, maxBytes);
    } catch (WrongIndexException e) {
      return read(rebuildAfter(e), offset, maxBytes);
    }
  }

  /** The first offset at or behind {@code fromOffset} whose record has that time or a later one. */
  OptionalLong offsetForTimestamp(long timestampMs, long fromOffset) throws IOException {
    SegmentIndexes current = indexes();
    try {
      return offsetForTimestamp(current, timestampMs, fromOffset);
    } catch (WrongIndexException e) {
      return offsetForTimestamp(rebuildAfter(e), timestampMs, fromOffset);
    }
  }

  /** What {@link Unforced#force} would have to do, as of now; empty if nothing. Apply thread. */
  Optional<Unforced> unforced() {
    Extent now = extent;
    SegmentIndexes held = indexes;
    if (forcedBytes >= now.summary.sizeBytes() && (held == null || !now.closed)) {
      return Optional.empty();
    }
    int offsetEntries = held == null ? 0 : held.offsets().count();
    int timeEntries = held == null ? 0 : held.times().count();
    return Optional.of(
        new Unforced(this, now.summary.sizeBytes(), now.closed, held, offsetEntries, timeEntries));
  }

  /**
   * A moment of a segment that is not durable yet.
   *
   * @param indexes null if they are on disk
   */
  record Unforced(
      Segment segment,
      long sizeBytes,
      boolean closed,
      SegmentIndexes indexes,
      int offsetEntries,
      int timeEntries) {
    /** The checkpoint thread, or whoever restores: one at a time. */
    void force() throws IOException {
      segment.forceLog(sizeBytes);
      if (indexes != null) {
        segment.writeIndexes(this);
      }
    }
  }

  /** Deletes the files. Who is reading goes on; later readers fail. */
  void remove() throws IOException {
    close();
    for (String suffix :
        new String[] {SegmentNames.OFFSET_INDEX, SegmentNames.TIME_INDEX, SegmentNames.LOG}) {
      disk.delete(directory.resolve(SegmentNames.name(extent.summary, suffix)));
    }
  }

  void close() throws IOException {
    file.close();
  }

  /**
   * Makes the indexes from the batches, on restoring.
   *
   * @param stillOpen whether appending goes on behind them
   * @throws CorruptBatchException if the batches do not fill the segment as promised
   */
  void rebuildIndexes(int indexIntervalBytes, boolean stillOpen) throws IOException {
    Extent now = extent;
    indexes = scan(now, indexIntervalBytes, !stillOpen);
    extent = new Extent(now.summary, now.nextOffset, !stillOpen);
  }

  /** Whether neither index has an entry; after {@link #rebuildIndexes}, on restoring. */
  boolean indexesAreEmpty() {
    return indexes.offsets().count() == 0 && indexes.times().count() == 0;
  }

  /** Writes rebuilt indexes, on restoring. */
  void writeIndexes() throws IOException {
    Extent now = extent;
    writeIndexes(
        new Unforced(
            this,
            now.summary.sizeBytes(),
            now.closed,
            indexes,
            indexes.offsets().count(),
            indexes.times().count()));
  }

  private SegmentIndexes scan(Extent of, int indexIntervalBytes, boolean closed)
      throws IOException {
    SegmentIndexes made = SegmentIndexes.empty(of.summary.baseOffset());
    long nextOffset = of.summary.baseOffset();
    DiskFile open = file.acquire();
    try {
      BatchScanner scanner = new BatchScanner(open, file.path(), 0, of.summary.sizeBytes());
      while (scanner.next()) {
        if (scanner.baseOffset() != nextOffset || scanner.lastOffset() < nextOffset) {
          throw new CorruptBatchException(
                  "offset %d is expected, not %d".formatted(nextOffset, scanner.baseOffset()))
              .at(file.path(), scanner.positionBytes());
        }
        nextOffset = scanner.lastOffset() + 1;
        made.append(
            scanner.lastOffset(),
            scanner.maxTimestampMs(),
            scanner.positionBytes(),
            scanner.sizeBytes(),
            indexIntervalBytes);
      }
    } finally {
      file.release();
    }
    if (nextOffset != of.nextOffset) {
      throw new CorruptBatchException(
              "ends before offset %d, not %d".formatted(nextOffset, of.nextOffset))
          .at(file.path(), of.summary.sizeBytes());
    }
    if (closed) {
      made.close();
    }
    return made;
  }

  private SegmentIndexes rebuildAfter(WrongIndexException wrong) throws IOException {
    SegmentIndexes made = scan(extent, LogConfig.DEFAULT_INDEX_INTERVAL_BYTES, true);
    indexes = made;
    LOGGER.warn("rebuilt index: file={} reason={}", file.path(), wrong.getMessage());
    return made;
  }

  private SegmentIndexes indexes() throws IOException {
    SegmentIndexes held = indexes;
    if (held == null) {
      held = loadedIndexes.get();
    }
    if (held != null) {
      return held;
    }
    Optional<SegmentIndexes> loaded =
        SegmentIndexes.load(disk, directory, extent.summary, extent.nextOffset);
    if (loaded.isEmpty()) {
      return rebuildAfter(new WrongIndexException("missing or out of order"));
    }
    loadedIndexes = new SoftReference<>(loaded.get());
    return loaded.get();
  }

  private void forceLog(long upToBytes) throws IOException {
    if (upToBytes <= forcedBytes) {
      return;
    }
    DiskFile open = file.acquire();
    try {
      open.force();
    } finally {
      file.release();
    }
    forcedBytes = upToBytes;
  }

  private void writeIndexes(Unforced unforced) throws IOException {
    int entries = unforced.offsetEntries;
    if (!unforced.closed && entries == writtenOffsetEntries) {
      return;
    }
    unforced.indexes.write(
        disk, directory, extent.summary, entries, unforced.timeEntries, unforced.closed);
    writtenOffsetEntries = entries;
    if (unforced.closed) {
      loadedIndexes = new SoftReference<>(unforced.indexes);
      indexes = null;
    }
  }

  private ByteBuffer read(SegmentIndexes current, long offset, int maxBytes) throws IOException {
    DiskFile open = file.acquire();
    try {
      return new SegmentReader(open, file.path(), baseOffset(), extent.summary.sizeBytes())
          .read(current, offset, maxBytes);
    } finally {
      file.release();
    }
  }

  private OptionalLong offsetForTimestamp(SegmentIndexes current, long timestampMs, long fromOffset)
      throws IOException {
    DiskFile open = file.acquire();
    try {
      return new SegmentReader(open, file.path(), baseOffset(), extent.summary.sizeBytes())
          .offsetForTimestamp(current, timestampMs, fromOffset);
    } finally {
      file.release();
    }
  }

  /** An index that was read from disk does not fit its segment. */
  static final class WrongIndexException extends IOException {
    private static final long serialVersionUID = 1L;

    WrongIndexException(String fact) {
      super(fact);
    }
  }
}
