package io.ottla.broker;

import io.ottla.log.Compaction;
import io.ottla.log.Compression;
import io.ottla.log.KeptOffsets;
import io.ottla.log.SegmentSummary;

/**
 * Neighbouring segments that are to be rewritten as one, and what goes of them. One owner.
 *
 * <p>Small segments are gathered, so that they become one; a large one that loses nothing ends a
 * run and is left as it is. A segment whose tombstones must stay is not gathered with much younger
 * ones: the new segment counts as appended when its youngest record was, so the tombstones would
 * never be old enough to go.
 */
final class CompactionRun {
  private static final int AGES_PER_TOMBSTONE_LIFE = 4;
  private static final long OLD = Long.MIN_VALUE;

  private final long firstBaseOffset;
  private final long maxBytes;
  private final CompactionPass.Limits limits;
  private final long age;
  private final KeptOffsets.Builder kept;
  private long nextOffset;
  private long sizeBytes;
  private int segments;
  private boolean loses;
  private boolean full;
  private boolean ended;

  /** The segment whose records are being told, and what is known of it so far. */
  private SegmentSummary segment;

  private long segmentNextOffset;
  private boolean segmentLoses;

  /**
   * A run that has no segment yet.
   *
   * @param first the one that comes first
   * @param maxBytes what its segments may take together, if they are several
   */
  CompactionRun(SegmentSummary first, long maxBytes, CompactionPass.Limits limits) {
    this.firstBaseOffset = first.baseOffset();
    this.maxBytes = maxBytes;
    this.limits = limits;
    this.age = ageOf(first);
    this.kept = new KeptOffsets.Builder(firstBaseOffset);
    this.nextOffset = firstBaseOffset;
  }

  /** Whether this segment, the next one, may be one of it too. */
  boolean takes(SegmentSummary next, long itsNextOffset) {
    return !ended
        && !full
        && sizeBytes + next.sizeBytes() <= maxBytes
        && itsNextOffset - firstBaseOffset <= Integer.MAX_VALUE
        && ageOf(next) == age;
  }

  /** The records of the next segment follow. */
  void begin(SegmentSummary next, long itsNextOffset) {
    segment = next;
    segmentNextOffset = itsNextOffset;
    segmentLoses = false;
  }

  /** Its next record. */
  void add(long offset, boolean goes) {
    if (goes && kept.remove(offset)) {
      segmentLoses = true;
    } else {
      kept.keep(offset);
      full |= goes;
    }
  }

  /** That was its last record. */
  void end() {
    if (!segmentLoses && segment.sizeBytes() > maxBytes / 2) {
      ended = true;
      return;
    }
    nextOffset = segmentNextOffset;
    sizeBytes += segment.sizeBytes();
    segments++;
    loses |= segmentLoses;
  }

  /** Whether there was no room to say all that goes: what follows must wait. */
  boolean isFull() {
    return full;
  }

  /** Whether rewriting it gains anything. */
  boolean isWorthIt() {
    return loses || segments > 1;
  }

  /** What is to be done; the run is used up. */
  Compaction compaction(Compression compression) {
    return new Compaction(firstBaseOffset, nextOffset, compression, kept.build());
  }

  /** Segments of one age may be joined: those whose tombstones may go, or a stretch of time. */
  private long ageOf(SegmentSummary of) {
    if (limits.ageMs().applyAsLong(of.lastAppendTimeMs()) > limits.tombstoneRetentionMs()) {
      return OLD;
    }
    long stretchMs = Math.max(1, limits.tombstoneRetentionMs() / AGES_PER_TOMBSTONE_LIFE);
    return Math.floorDiv(of.lastAppendTimeMs(), stretchMs);
  }
}
