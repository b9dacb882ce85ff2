package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One append-only file of record batches, holding offsets {@code [baseOffset, nextOffset)}, and its
 * two indexes. Written bytes never change, except that damaged ones are made whole again.
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
 * before it ends: what compaction removed is missing within batches, never between them. Where that
 * is not so, bytes have rotted: none of them is ever given to a reader. An index that does not fit
 * the batches is made anew from them.
 *
 * <h2>Threads</h2>
 *
 * One writer, the group's apply thread. Any thread reads below the published size, and may put
 * whole batches in the place of damaged ones there. {@link Unforced#force} and {@link #remove}
 * belong to the checkpoint thread.
 *
 * <h2>Failure</h2>
 *
 * After a failed write or force the file's tail is unknown: the log must be restored.
 */
final class Segment {
  private static final Logger LOGGER = LoggerFactory.getLogger(Segment.class);
  private static final AtomicReferenceFieldUpdater<Segment, SegmentIndexes> INDEXES =
      AtomicReferenceFieldUpdater.newUpdater(Segment.class, SegmentIndexes.class, "indexes");

  private final Disk disk;
  private final Path directory;
  private final OpenFiles.Slot file;

  /** Of all indexes that it ever gets. */
  private final int indexIntervalBytes;

  private volatile Extent extent;

  /** Null once a closed segment's indexes are on disk. */
  private volatile SegmentIndexes indexes;

  private volatile SoftReference<SegmentIndexes> loadedIndexes = new SoftReference<>(null);

  /**
   * What a reader of an open segment had to make anew; the apply thread goes on with it. Of no use
   * once the segment is closed: it may end before the segment does.
   */
  private volatile Rebuilt rebuilt;

  /** Why nobody knows what the file holds; null while all writing has gone well. */
  private volatile IOException doubt;

  private volatile long forcedBytes;

  /** How much of an open segment's index is on disk; -1 if no file is. */
  private int writtenOffsetEntries = -1;

  /** How far the segment reaches. Immutable; published as one. */
  private record Extent(SegmentSummary summary, long nextOffset, boolean closed) {}

  /** Indexes that reach up to a position. */
  private record Rebuilt(SegmentIndexes indexes, long sizeBytes, long nextOffset) {}

  private Segment(
      Disk disk, Path directory, OpenFiles.Slot file, Extent extent, int indexIntervalBytes) {
    this.indexIntervalBytes = indexIntervalBytes;
    this.disk = disk;
    this.directory = directory;
    this.file = file;
    this.extent = extent;
    this.forcedBytes = extent.summary.sizeBytes();
  }

  /** Makes the file of a new, empty segment. */
  static Segment create(
      Disk disk,
      Path directory,
      OpenFiles openFiles,
      long baseOffset,
      int compactions,
      int indexIntervalBytes)
      throws IOException {
    SegmentSummary summary = new SegmentSummary(baseOffset, compactions, 0, 0, -1, 0);
    Path path = directory.resolve(SegmentNames.name(summary, SegmentNames.LOG));
    disk.open(path, Disk.OpenMode.CREATE).close();
    Segment segment =
        new Segment(
            disk,
            directory,
            openFiles.slot(disk, path),
            new Extent(summary, baseOffset, false),
            indexIntervalBytes);
    segment.indexes = SegmentIndexes.empty(baseOffset);
    segment.forcedBytes = -1;
    return segment;
  }

  /** The segment of an existing file, which is already cut to the summary's size. */
  static Segment open(
      Disk disk,
      Path directory,
      OpenFiles openFiles,
      SegmentSummary summary,
      long nextOffset,
      int indexIntervalBytes) {
    Path path = directory.resolve(SegmentNames.name(summary, SegmentNames.LOG));
    return new Segment(
        disk,
        directory,
        openFiles.slot(disk, path),
        new Extent(summary, nextOffset, true),
        indexIntervalBytes);
  }

  Path path() {
    return file.path();
  }

  /** What of it is published now. */
  BatchSurvey.Bounds bounds() {
    Extent now = extent;
    return new BatchSurvey.Bounds(now.summary, now.nextOffset);
  }

  /** Does something with the open file. */
  <T> T using(SegmentCheck.Use<T> use) throws IOException {
    DiskFile open = file.acquire();
    try {
      return use.with(open);
    } finally {
      file.release();
    }
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
  void append(ByteBuffer batch, int sizeBytes, long appendTimeMs) throws IOException {
    Extent before = extent;
    SegmentSummary summary = before.summary;
    long lastOffset = before.nextOffset + batch.getInt(BatchFormat.LAST_OFFSET_DELTA);
    long maxTimestampMs = batch.getLong(BatchFormat.MAX_TIMESTAMP);
    adoptRebuilt();
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
  void seal() throws IOException {
    adoptRebuilt();
    indexes.close();
    extent = new Extent(extent.summary, extent.nextOffset, true);
    rebuilt = null;
  }

  /** The same, for one that takes the place of others: it gets their append times. */
  void seal(long firstAppendTimeMs, long lastAppendTimeMs) throws IOException {
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
   * @param judge of the log; it knows the epoch of the offset
   * @return at most {@code maxBytes}, but at least one batch
   * @throws CorruptBatchException if it, or one that it must be reached by, is damaged
   */
  ByteBuffer read(long offset, int maxBytes, BatchJudge judge) throws IOException {
    SegmentIndexes current = indexes();
    try {
      return using(open -> reader(open, judge).read(current, offset, maxBytes));
    } catch (WrongIndexException e) {
      SegmentIndexes rebuilt = rebuildAfter(e);
      return using(open -> reader(open, judge).read(rebuilt, offset, maxBytes));
    }
  }

  private SegmentReader reader(DiskFile open, BatchJudge judge) {
    return new SegmentReader(open, file.path(), baseOffset(), extent.summary.sizeBytes(), judge);
  }

  /** The first offset at or behind {@code fromOffset} whose record has that time or a later one. */
  OptionalLong offsetForTimestamp(long timestampMs, long fromOffset) throws IOException {
    SegmentIndexes current = indexes();
    BatchJudge judge = BatchJudge.OF_ANY_EPOCH;
    try {
      return using(
          open -> reader(open, judge).offsetForTimestamp(current, timestampMs, fromOffset));
    } catch (WrongIndexException e) {
      SegmentIndexes rebuilt = rebuildAfter(e);
      return using(
          open -> reader(open, judge).offsetForTimestamp(rebuilt, timestampMs, fromOffset));
    }
  }

  /**
   * Writes over damaged bytes what should be there, in front of the published size. Any thread;
   * {@link #forceOverwritten} must follow.
   */
  void overwrite(ByteBuffer whole, long positionBytes) throws IOException {
    DiskFile open = file.acquire();
    try {
      open.write(whole, positionBytes);
    } catch (IOException e) {
      doubt = e;
      throw e;
    } finally {
      file.release();
    }
  }

  /** Makes {@link #overwrite} durable; indexes that were made of what was whole are forgotten. */
  void forceOverwritten() throws IOException {
    DiskFile open = file.acquire();
    try {
      open.force();
    } catch (IOException e) {
      doubt = e;
      throw e;
    } finally {
      file.release();
    }
    loadedIndexes = new SoftReference<>(null);
  }

  /** What {@link Unforced#force} would have to do, as of now; empty if nothing. Apply thread. */
  Optional<Unforced> unforced() {
    Extent now = extent;
    SegmentIndexes held = indexes;
    boolean forced = forcedBytes >= now.summary.sizeBytes() && (held == null || !now.closed);
    if (forced && doubt == null) {
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
   * Opens it for appending, on restoring. The indexes on disk are trusted up to the last entry that
   * leads to its batch, and what is behind that is walked through; where they cannot be, they are
   * made anew.
   *
   * @return whether they were: then they are worth writing
   */
  boolean reopen() throws IOException {
    Extent now = extent;
    Optional<SegmentIndexes> trusted =
        using(open -> SegmentIndexes.loadTail(disk, directory, tail(open, bounds())));
    indexes = trusted.isPresent() ? trusted.get() : scan(now, false);
    extent = new Extent(now.summary, now.nextOffset, false);
    return trusted.isEmpty() && !indexes.isPartial();
  }

  private IndexTail tail(DiskFile open, BatchSurvey.Bounds within) {
    return new IndexTail(open, file.path(), within, indexIntervalBytes);
  }

  /** Whether neither index has an entry; after {@link #reopen}. */
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

  /** Makes indexes from the batches: by their headers or, if those do not fit, of whole ones. */
  private SegmentIndexes scan(Extent of, boolean closed) throws IOException {
    BatchSurvey.Bounds within = new BatchSurvey.Bounds(of.summary, of.nextOffset);
    SegmentIndexes made =
        using(
            open -> {
              IndexTail all = tail(open, within);
              SegmentIndexes empty = SegmentIndexes.empty(of.summary.baseOffset());
              return all.walk(empty, 0, of.summary.baseOffset()) ? empty : all.survey();
            });
    if (closed) {
      made.close();
    }
    return made;
  }

  private SegmentIndexes rebuildAfter(WrongIndexException wrong) throws IOException {
    Extent now = extent;
    SegmentIndexes made = scan(now, now.closed);
    if (!now.closed) {
      rebuilt = new Rebuilt(made, now.summary.sizeBytes(), now.nextOffset);
      if (extent.closed) {
        rebuilt = null;
      }
    } else if (made.isPartial()) {
      loadedIndexes = new SoftReference<>(made);
    } else {
      indexes = made;
    }
    LOGGER.warn("rebuilt index: file={} reason={}", file.path(), wrong.getMessage());
    return made;
  }

  /** The apply thread, before it appends: goes on with indexes that a reader had to make anew. */
  private void adoptRebuilt() throws IOException {
    Rebuilt found = rebuilt;
    if (found == null) {
      return;
    }
    rebuilt = null;
    boolean isComplete =
        using(open -> tail(open, bounds()).walk(found.indexes, found.sizeBytes, found.nextOffset));
    if (isComplete) {
      indexes = found.indexes;
    }
  }

  /** The indexes, as far as they are known; those of an open segment grow. */
  SegmentIndexes indexes() throws IOException {
    Rebuilt better = rebuilt;
    SegmentIndexes held = better == null || extent.closed ? indexes : better.indexes;
    if (held == null) {
      held = loadedIndexes.get();
    }
    if (held != null) {
      return held;
    }
    Optional<SegmentIndexes> loaded =
        using(open -> SegmentIndexes.load(disk, directory, tail(open, bounds())));
    if (loaded.isEmpty()) {
      return rebuildAfter(new WrongIndexException("missing, out of order or cut"));
    }
    loadedIndexes = new SoftReference<>(loaded.get());
    return loaded.get();
  }

  private void forceLog(long upToBytes) throws IOException {
    if (doubt != null) {
      throw new IOException("an earlier write failed: file=" + file.path(), doubt);
    }
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
    if (unforced.indexes.isPartial()) {
      letGo(unforced);
      return;
    }
    if (!unforced.closed && entries == writtenOffsetEntries) {
      return;
    }
    unforced.indexes.write(
        disk, directory, extent.summary, entries, unforced.timeEntries, unforced.closed);
    writtenOffsetEntries = entries;
    letGo(unforced);
  }

  /**
   * A closed segment's indexes, which are on disk now, or lack what is damaged and never get there,
   * are no longer held; unless a reader had to make better ones meanwhile.
   */
  private void letGo(Unforced unforced) {
    if (unforced.closed && INDEXES.compareAndSet(this, unforced.indexes, null)) {
      loadedIndexes = new SoftReference<>(unforced.indexes);
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
