package io.ottla.log;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One replica of a partition: its record batches, in segments. Holds the offsets {@code
 * [startOffset, endOffset)}.
 *
 * <h2>On disk</h2>
 *
 * A directory of {@link Segment}s; other files in it are left alone. Nothing is durable before
 * {@link LogCapture#force}, and nothing needs to be: after a crash the files are cut back to the
 * last checkpoint and what came later is applied again.
 *
 * <h2>Always true</h2>
 *
 * The bytes of the segments' {@code .log} files are a function of the calls of {@link #append},
 * {@link #trimFront}, {@link #compact} and {@link #configure}, and nothing else: replicas that make
 * the same calls hold the same files. The last segment is the active one; every other is closed and
 * not empty. Each begins where the one before it ends. Files that a trim or a compaction leaves
 * behind keep their names until {@link LogCapture#removeDoomed}, since an older checkpoint names
 * them still.
 *
 * <h2>Threads</h2>
 *
 * One writer, the group's apply thread, calls {@code append}, {@code trimFront}, {@code compact},
 * {@code configure} and {@code capture}. Any thread may ask and read. {@code endOffset} is
 * published after the bytes, {@code startOffset} before anything is removed, a compacted segment
 * when it is whole; who was reading the ones that it replaces looks it up anew.
 *
 * <h2>Failure</h2>
 *
 * After a failed write nothing more is appended: only a restore may judge the tail. Damaged bytes
 * are never given to a reader; {@link LogRepair} says how they become whole again.
 */
public final class PartitionLog implements AutoCloseable {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Disk disk;
  private final Path directory;
  private final OpenFiles openFiles;
  private final LogRepair repair =
      new LogRepair(() -> this.segments, this::presentSegments, this::judge);
  private LogConfig config;
  private boolean failed;

  /** Counts created and removed names; what is above {@link #forcedNames} is not durable. */
  private long namesVersion;

  private volatile long forcedNames;
  private volatile List<Segment> segments;
  private volatile EpochHistory epochs;
  private volatile long startOffset;
  private volatile long endOffset;

  /** Trimmed and compacted segments whose files are still there; guarded by itself. */
  private final List<Segment> doomed = new ArrayList<>();

  /**
   * Held while files are removed, and guards {@link #closed}: who has closed the log may give its
   * directory's name to another at once, whose files must not be taken for ours.
   */
  private final Object removal = new Object();

  private boolean closed;

  private PartitionLog(
      Disk disk, Path directory, LogConfig config, OpenFiles openFiles, List<Segment> segments) {
    this.disk = disk;
    this.directory = directory;
    this.config = config;
    this.openFiles = openFiles;
    this.segments = List.copyOf(segments);
    this.epochs = new EpochHistory(List.of());
  }

  /** An empty log; segments' files that are in the way are removed. */
  public static PartitionLog create(
      Disk disk, Path directory, LogConfig config, OpenFiles openFiles) throws IOException {
    new LogRestorer(disk, directory, config, openFiles).clear();
    Segment first = Segment.create(disk, directory, openFiles, 0, 0, config.indexIntervalBytes());
    PartitionLog log = new PartitionLog(disk, directory, config, openFiles, List.of(first));
    log.namesVersion = 1;
    return log;
  }

  /**
   * The log as it was when the checkpoint was captured. What its files have lost since is damage,
   * and is treated as such: it is not given to readers, and repaired when there are copies.
   */
  public static PartitionLog restore(
      Disk disk, Path directory, LogConfig config, OpenFiles openFiles, LogCheckpoint checkpoint)
      throws IOException {
    LogRestorer restorer = new LogRestorer(disk, directory, config, openFiles);
    List<Segment> segments = restorer.restore(checkpoint);
    PartitionLog log = new PartitionLog(disk, directory, config, openFiles, segments);
    restorer.damage().forEach(log.repair::note);
    log.epochs = new EpochHistory(checkpoint.epochs());
    log.startOffset = checkpoint.startOffset();
    log.endOffset = checkpoint.endOffset();
    return log;
  }

  /**
   * Appends one batch, in a segment of its own if the active one is full or old.
   *
   * @param batch its position is left alone, its bytes are not changed
   * @param leaderEpoch at least {@link #latestEpoch}
   * @param appendTimeMs the leader's clock; the only time that decides anything here
   * @return the offset of its first record
   */
  public long append(ByteBuffer batch, int leaderEpoch, long appendTimeMs) throws IOException {
    int sizeBytes = batch.remaining();
    BatchPatch.requireWhole(batch);
    requireUnfailed();
    long baseOffset = endOffset;
    EpochHistory extended = epochs.withAppend(leaderEpoch, baseOffset);
    long nextOffset =
        baseOffset + batch.getInt(batch.position() + BatchFormat.LAST_OFFSET_DELTA) + 1;
    failed = true;
    if (isFull(segments.getLast().summary(), sizeBytes, nextOffset, appendTimeMs)) {
      roll();
    }
    ByteBuffer patched = BatchPatch.patched(batch, sizeBytes, baseOffset, leaderEpoch);
    epochs = extended;
    segments.getLast().append(patched, sizeBytes, appendTimeMs);
    failed = false;
    endOffset = nextOffset;
    return baseOffset;
  }

  /**
   * Moves the start forward; segments that lie below it as a whole leave the log, the active one
   * too. At or below the present start nothing happens.
   *
   * @param newStartOffset at most {@link #endOffset}
   */
  public void trimFront(long newStartOffset) throws IOException {
    if (newStartOffset > endOffset) {
      throw new IllegalArgumentException(
          "behind the end: newStartOffset=%d endOffset=%d".formatted(newStartOffset, endOffset));
    }
    if (newStartOffset <= startOffset) {
      return;
    }
    startOffset = newStartOffset;
    epochs = epochs.trimmedTo(newStartOffset);
    if (newStartOffset == endOffset && segments.getLast().summary().sizeBytes() > 0) {
      roll();
    }
    List<Segment> remaining = segments;
    int first = 0;
    while (first < remaining.size() - 1 && remaining.get(first).nextOffset() <= newStartOffset) {
      first++;
    }
    if (first > 0) {
      synchronized (doomed) {
        doomed.addAll(remaining.subList(0, first));
      }
      segments = List.copyOf(remaining.subList(first, remaining.size()));
    }
  }

  /**
   * Rewrites a run of closed segments as one, which holds only the records that are to stay, at
   * their offsets. Its files are new; those of the run are left to {@link LogCapture#removeDoomed}.
   *
   * @return false if there is no such run, or one file cannot hold what stays: nothing happened
   * @throws CorruptBatchException if the run holds a damaged batch that cannot be repaired. Other
   *     replicas, whose bytes are whole, have compacted it: this one must not go on
   */
  public boolean compact(Compaction compaction) throws IOException {
    requireUnfailed();
    List<Segment> current = segments;
    int first = indexOf(current, compaction.firstBaseOffset());
    int behind = indexOf(current, compaction.nextOffset());
    if (first < 0
        || behind <= first
        || compaction.nextOffset() - compaction.firstBaseOffset() > Integer.MAX_VALUE) {
      return false;
    }
    List<Segment> run = current.subList(first, behind);
    failed = true;
    Optional<Segment> compacted = rewrite(run, compaction);
    failed = false;
    if (compacted.isEmpty()) {
      return false;
    }
    List<Segment> shorter = new ArrayList<>(current);
    shorter.subList(first, behind).clear();
    shorter.add(first, compacted.get());
    segments = List.copyOf(shorter);
    synchronized (doomed) {
      doomed.addAll(run);
    }
    return true;
  }

  private Optional<Segment> rewrite(List<Segment> run, Compaction compaction) throws IOException {
    SegmentSummary first = run.getFirst().summary();
    Segment target =
        Segment.create(
            disk,
            directory,
            openFiles,
            first.baseOffset(),
            first.compactions() + 1,
            config.indexIntervalBytes());
    namesVersion++;
    try {
      SegmentRewriter rewriter = new SegmentRewriter(target, compaction, repair);
      if (!rewriter.rewrite(run)) {
        target.remove();
        return Optional.empty();
      }
    } catch (IOException | RuntimeException | Error e) {
      target.close();
      throw e;
    }
    long lastAppendTimeMs = first.lastAppendTimeMs();
    for (Segment segment : run) {
      lastAppendTimeMs = Math.max(lastAppendTimeMs, segment.summary().lastAppendTimeMs());
    }
    target.seal(first.firstAppendTimeMs(), lastAppendTimeMs);
    return Optional.of(target);
  }

  /** Replaces the configuration; what is on disk stays as it is. */
  public void configure(LogConfig newConfig) {
    config = newConfig;
  }

  /** The first offset that may be read. */
  public long startOffset() {
    return startOffset;
  }

  /** The offset that the next record gets. */
  public long endOffset() {
    return endOffset;
  }

  /** Bytes of the segments' {@code .log} files. */
  public long sizeBytes() {
    long total = 0;
    for (Segment segment : segments) {
      total += segment.summary().sizeBytes();
    }
    return total;
  }

  /** The latest term that appended here; -1 if none did. */
  public int latestEpoch() {
    return epochs.latestEpoch();
  }

  /** Finds and repairs damage. */
  public LogRepair repair() {
    return repair;
  }

  public Path directory() {
    return directory;
  }

  /** In the order of their offsets; the last one is the active one. */
  public List<SegmentSummary> segments() {
    return segments.stream().map(Segment::summary).toList();
  }

  /**
   * Reads whole batches from the one that holds {@code offset}. Damage that is met is repaired
   * first, if another replica has a copy.
   *
   * @param maxBytes the most to give, but always one batch
   * @throws CorruptBatchException if the batch is damaged and cannot be repaired; its message names
   *     file and offset
   */
  public ReadResult read(long offset, int maxBytes) throws IOException {
    while (true) {
      long end = endOffset;
      if (offset < startOffset || offset > end) {
        return new ReadResult.OutOfRange(startOffset, endOffset);
      }
      if (offset == end) {
        return new ReadResult.Batches(NOTHING, end);
      }
      Segment segment = segmentOf(offset);
      if (offset < segment.baseOffset()) {
        return new ReadResult.OutOfRange(startOffset, endOffset);
      }
      try {
        ByteBuffer batches = read(segment, offset, maxBytes);
        end = endOffset;
        return new ReadResult.Batches(published(batches, end), end);
      } catch (IOException e) {
        if (offset >= startOffset && segments.contains(segment)) {
          throw e instanceof CorruptBatchException corrupt ? corrupt.forOffset(offset) : e;
        }
        // Trimmed or compacted meanwhile: looked up anew.
      }
    }
  }

  private ByteBuffer read(Segment segment, long offset, int maxBytes) throws IOException {
    try {
      return repair.reading(
          segment, LogRepair.MOST_BYTES, () -> segment.read(offset, maxBytes, judge()));
    } catch (CorruptBatchException e) {
      // Damage in front of the batch that is wanted does not shut it away.
      return new SegmentCheck(segment, this::judge).batchHolding(offset);
    }
  }

  /** The history before the start: a trim moves the start first. */
  private BatchJudge judge() {
    EpochHistory history = epochs;
    return new BatchJudge(history, startOffset);
  }

  private List<Segment> presentSegments() {
    List<Segment> present = new ArrayList<>(segments);
    synchronized (doomed) {
      present.addAll(doomed);
    }
    return present;
  }

  /** The offset of the first record whose own time is that or later; empty if there is none. */
  public OptionalLong offsetForTimestamp(long timestampMs) throws IOException {
    while (true) {
      List<Segment> current = segments;
      try {
        return offsetForTimestamp(current, timestampMs);
      } catch (IOException e) {
        if (current.equals(segments)) {
          throw e;
        }
      }
    }
  }

  private OptionalLong offsetForTimestamp(List<Segment> current, long timestampMs)
      throws IOException {
    for (Segment segment : current) {
      long from = startOffset;
      if (segment.summary().maxTimestampMs() < timestampMs || segment.nextOffset() <= from) {
        continue;
      }
      OptionalLong found =
          repair.reading(
              segment, LogRepair.MOST_BYTES, () -> segment.offsetForTimestamp(timestampMs, from));
      if (found.isPresent()) {
        return found;
      }
    }
    return OptionalLong.empty();
  }

  /** What a checkpoint at this moment needs; forcing and removing happen on another thread. */
  public LogCapture capture() {
    List<SegmentSummary> summaries = new ArrayList<>();
    List<Segment.Unforced> unforced = new ArrayList<>();
    for (Segment segment : segments) {
      summaries.add(segment.summary());
      Optional<Segment.Unforced> part = segment.unforced();
      if (part.isPresent()) {
        unforced.add(part.get());
      }
    }
    List<Segment> removable;
    synchronized (doomed) {
      removable = List.copyOf(doomed);
    }
    LogCheckpoint checkpoint =
        new LogCheckpoint(startOffset, endOffset, summaries, epochs.epochs());
    return new CapturedLog(this, disk, checkpoint, unforced, removable, namesVersion);
  }

  /** Closes the files; forces and removes nothing. Readers fail from now on. */
  @Override
  public void close() throws IOException {
    synchronized (removal) {
      closed = true;
    }
    for (Segment segment : segments) {
      segment.close();
    }
    List<Segment> left;
    synchronized (doomed) {
      left = List.copyOf(doomed);
    }
    for (Segment segment : left) {
      segment.close();
    }
  }

  boolean hasUnforcedNames(long version) {
    return version > forcedNames;
  }

  void namesForced(long version) {
    forcedNames = version;
  }

  void remove(List<Segment> trimmed) throws IOException {
    synchronized (removal) {
      if (closed) {
        return;
      }
      for (Segment segment : trimmed) {
        segment.remove();
      }
    }
    synchronized (doomed) {
      doomed.removeAll(trimmed);
    }
  }

  private boolean isFull(SegmentSummary active, int moreBytes, long nextOffset, long appendTimeMs) {
    if (active.sizeBytes() == 0) {
      return false;
    }
    long sizeBytes = active.sizeBytes() + moreBytes;
    return sizeBytes > config.segmentBytes()
        || sizeBytes > Integer.MAX_VALUE
        || nextOffset - active.baseOffset() > Integer.MAX_VALUE
        || appendTimeMs - active.firstAppendTimeMs() >= config.segmentMs();
  }

  private void roll() throws IOException {
    List<Segment> longer = new ArrayList<>(segments);
    longer.getLast().seal();
    longer.add(
        Segment.create(disk, directory, openFiles, endOffset, 0, config.indexIntervalBytes()));
    namesVersion++;
    segments = List.copyOf(longer);
  }

  /** The batches below {@code end}. */
  private static ByteBuffer published(ByteBuffer batches, long end) throws CorruptBatchException {
    int at = 0;
    while (at < batches.limit() && batches.getLong(at + BatchFormat.BASE_OFFSET) < end) {
      at += BatchFormat.sizeBytesAt(batches, at);
    }
    return batches.slice(0, at);
  }

  private Segment segmentOf(long offset) {
    List<Segment> current = segments;
    int low = 0;
    int high = current.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (current.get(middle).baseOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return current.get(low);
  }

  /** The index of the segment that begins there; -1 if none does. */
  private static int indexOf(List<Segment> segments, long baseOffset) {
    for (int i = 0; i < segments.size(); i++) {
      if (segments.get(i).baseOffset() == baseOffset) {
        return i;
      }
    }
    return -1;
  }

  private void requireUnfailed() throws IOException {
    if (failed) {
      throw new IOException("an earlier write failed: directory=" + directory);
    }
  }
}
