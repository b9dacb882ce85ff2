package io.ottla.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds damaged batches of a log and puts other replicas' copies in their place. Thread-safe.
 *
 * <h2>Always true</h2>
 *
 * Only bytes that are no whole batch are written over, and only with a batch whose checksum, base
 * offset and epoch are right, that another replica has at the same place of the same file. Files
 * are the same bytes on all replicas, so what is written is what was there.
 *
 * <h2>Threads</h2>
 *
 * Any thread may repair, below what is published, while the apply thread appends behind it, trims
 * or compacts: a reader sees damaged bytes, the right ones, or a mixture that its checksum refuses.
 * Two who meet the same damage repair it once. No lock is held. Two replicas may repair each other
 * at the same time: each gives only what it has verified.
 *
 * <h2>Failure</h2>
 *
 * A failed write or force leaves the segment's file in doubt: the next checkpoint fails.
 */
public final class LogRepair {
  private static final Logger LOGGER = LoggerFactory.getLogger(LogRepair.class);

  /** What one read repairs at most, and at once: whoever reads waits for it. */
  static final long MOST_BYTES = 16L << 20;

  private final Supplier<List<Segment>> current;
  private final Supplier<List<Segment>> present;
  private final Supplier<BatchJudge> judge;
  private final Map<BatchPlace, CompletableFuture<Point>> underWay = new ConcurrentHashMap<>();
  private final Map<BatchPlace, DamagedRange> known = new ConcurrentHashMap<>();
  private final Set<BatchPlace> said = ConcurrentHashMap.newKeySet();
  private volatile BatchCopies copies = BatchCopies.NONE;

  /** What became of a repair. */
  enum Outcome {
    /** At least the first damaged batch is whole again. */
    REPAIRED,
    /** There was no damage. */
    WHOLE,
    /** No other replica has a whole copy that can be reached now. */
    NO_COPY
  }

  /** Something that reads a segment. */
  @FunctionalInterface
  interface Reading<T> {
    T read() throws IOException;
  }

  /**
   * Where a look over all batches goes on. Immutable.
   *
   * @param place of the next batch
   * @param offset its base offset
   */
  public record ScrubPoint(BatchPlace place, long offset) {}

  /**
   * What a look over batches found. Immutable.
   *
   * @param next empty if the log's end is reached
   * @param bytes that were read
   * @param damaged stretches that were found
   * @param repaired those of them that are whole again
   */
  public record Scrubbed(Optional<ScrubPoint> next, long bytes, int damaged, int repaired) {}

  /**
   * Made with its log.
   *
   * @param current the log's segments
   * @param present those that left the log too, as long as their files are there
   * @param judge what is true of the log's batches now
   */
  LogRepair(
      Supplier<List<Segment>> current,
      Supplier<List<Segment>> present,
      Supplier<BatchJudge> judge) {
    this.current = current;
    this.present = present;
    this.judge = judge;
  }

  /** Says where copies are to be had; none are before that. */
  public void copyFrom(BatchCopies others) {
    copies = others;
  }

  /** For other replicas: the whole batch that begins at a place; empty if this one has none. */
  public Optional<ByteBuffer> batchAt(BatchPlace place) throws IOException {
    for (Segment segment : present.get()) {
      if (place.isIn(segment.summary())) {
        return new SegmentCheck(segment, judge).batchAt(place.positionBytes());
      }
    }
    return Optional.empty();
  }

  /**
   * A digest of the first bytes of a segment, and the damage in them, which is noted; empty if the
   * log has no such segment, or it is shorter.
   *
   * @param segment another replica's, up to whose size is read
   */
  public Optional<SegmentDigest> digest(SegmentSummary segment) throws IOException {
    for (Segment each : current.get()) {
      SegmentSummary own = each.summary();
      if (own.baseOffset() == segment.baseOffset()
          && own.compactions() == segment.compactions()
          && own.sizeBytes() >= segment.sizeBytes()) {
        SegmentDigest digest = new SegmentCheck(each, judge).digest(segment.sizeBytes());
        digest.damage().forEach(this::note);
        return Optional.of(digest);
      }
    }
    return Optional.empty();
  }

  /** Damage that was met, and could not be repaired so far. */
  public List<DamagedRange> knownDamage() {
    List<Segment> now = current.get();
    known
        .keySet()
        .removeIf(place -> now.stream().noneMatch(segment -> place.isIn(segment.summary())));
    said.retainAll(known.keySet());
    return List.copyOf(known.values());
  }

  /** Tries again to repair what is known; returns how many stretches are whole again. */
  public int repairKnown() throws IOException {
    int repaired = 0;
    for (DamagedRange range : knownDamage()) {
      for (Segment segment : current.get()) {
        if (range.place().isIn(segment.summary()) && repairAll(segment, range)) {
          repaired++;
        }
      }
    }
    return repaired;
  }

  /**
   * Verifies batches from a place on, and repairs what is damaged.
   *
   * @param from empty for the log's start
   * @param maxBytes after so many it stops, behind a whole step
   */
  public Scrubbed scrub(Optional<ScrubPoint> from, long maxBytes) throws IOException {
    Tally tally = new Tally();
    for (Segment segment : current.get()) {
      SegmentSummary summary = segment.summary();
      boolean isBehind =
          from.isPresent() && summary.baseOffset() < from.get().place().segmentBaseOffset();
      if (isBehind) {
        continue;
      }
      boolean resumes = from.isPresent() && from.get().place().isIn(summary);
      ScrubPoint start =
          resumes
              ? from.get()
              : new ScrubPoint(
                  new BatchPlace(summary.baseOffset(), summary.compactions(), 0),
                  summary.baseOffset());
      Optional<ScrubPoint> stopped = scrub(segment, start, maxBytes, tally);
      if (stopped.isPresent()) {
        return tally.scrubbed(stopped);
      }
    }
    return tally.scrubbed(Optional.empty());
  }

  /** What a scrub has counted. One owner. */
  private static final class Tally {
    private long bytes;
    private int damaged;
    private int repaired;

    Scrubbed scrubbed(Optional<ScrubPoint> next) {
      return new Scrubbed(next, bytes, damaged, repaired);
    }
  }

  private Optional<ScrubPoint> scrub(Segment segment, ScrubPoint start, long maxBytes, Tally tally)
      throws IOException {
    SegmentCheck check = new SegmentCheck(segment, judge);
    return segment.using(
        file -> {
          BatchSurvey survey = check.survey(file, start.place().positionBytes(), start.offset());
          long repairedAt = -1;
          while (survey.next()) {
            tally.bytes += survey.nextPositionBytes() - survey.positionBytes();
            if (!survey.isWhole()) {
              boolean isNew = survey.positionBytes() != repairedAt;
              tally.damaged += isNew ? 1 : 0;
              note(survey.damage());
              if (isNew && repairAll(segment, survey.damage())) {
                tally.repaired++;
                repairedAt = survey.positionBytes();
                survey = check.survey(file, survey.positionBytes(), survey.offset());
              }
            } else if (tally.bytes >= maxBytes) {
              BatchPlace next =
                  new BatchPlace(
                      start.place().segmentBaseOffset(),
                      start.place().compactions(),
                      survey.nextPositionBytes());
              return Optional.of(new ScrubPoint(next, survey.nextOffset()));
            }
          }
          return Optional.empty();
        });
  }

  /** What is true of the log's batches now. */
  BatchJudge judgeNow() {
    return judge.get();
  }

  /**
   * Reads a segment; damage that it meets is repaired, if it can be, and it is read again.
   *
   * @param mostBytes what is repaired at most; the batch at hand may reach beyond
   * @throws CorruptBatchException for what is left then, or if what has been repaired is still read
   *     as damaged
   */
  <T> T reading(Segment segment, long mostBytes, Reading<T> reading) throws IOException {
    Set<Long> met = new HashSet<>();
    long leftBytes = mostBytes;
    boolean wasWhole = false;
    while (true) {
      try {
        return reading.read();
      } catch (CorruptBatchException e) {
        if (!e.hasPosition() || leftBytes <= 0) {
          throw e;
        }
        Repair repair = repair(segment, e.positionBytes(), leftBytes);
        leftBytes -= repair.bytes;
        boolean again =
            switch (repair.outcome) {
              case REPAIRED -> met.add(e.positionBytes());
              case WHOLE -> !wasWhole;
              case NO_COPY -> false;
            };
        if (!again) {
          throw e;
        }
        wasWhole = repair.outcome == Outcome.WHOLE;
      }
    }
  }

  /** Takes note of damage; it is said once. */
  void note(DamagedRange range) {
    known.put(range.place(), range);
    if (said.add(range.place())) {
      LOGGER.warn(
          "damaged batch: file={} positionBytes={} lengthBytes={} startOffset={} nextOffset={}"
              + " reason={}",
          range.file(),
          range.place().positionBytes(),
          range.lengthBytes(),
          range.startOffset(),
          range.nextOffset(),
          range.fact());
    }
  }

  /** What became of a repair, and how many bytes of it. Immutable. */
  private record Repair(Outcome outcome, long bytes) {}

  /** Repairs what lies in front of a position, from an index entry on, and over it. */
  private Repair repair(Segment segment, long positionBytes, long mostBytes) throws IOException {
    List<DamagedRange> damage = damageUpTo(segment, positionBytes);
    long bytes = 0;
    for (DamagedRange range : damage) {
      if (bytes < mostBytes) {
        Point whole = repair(segment, range, mostBytes - bytes);
        bytes += whole.positionBytes - range.place().positionBytes();
      }
    }
    Outcome without = damage.isEmpty() ? Outcome.WHOLE : Outcome.NO_COPY;
    return new Repair(bytes > 0 ? Outcome.REPAIRED : without, bytes);
  }

  /** Repairs a stretch to its end; false if something of it is left. */
  private boolean repairAll(Segment segment, DamagedRange range) throws IOException {
    long endBytes = range.place().positionBytes() + range.lengthBytes();
    long at = range.place().positionBytes();
    while (at < endBytes) {
      DamagedRange left = null;
      for (DamagedRange each : damageUpTo(segment, at)) {
        left = each.place().positionBytes() + each.lengthBytes() > at ? each : left;
      }
      if (left == null) {
        return true;
      }
      at = left.place().positionBytes() + left.lengthBytes();
      if (!repairPieces(segment, left)) {
        return false;
      }
    }
    return true;
  }

  /** Repairs a stretch that was just found, piece by piece. */
  private boolean repairPieces(Segment segment, DamagedRange range) throws IOException {
    DamagedRange left = range;
    while (left.lengthBytes() > 0) {
      Point whole = repair(segment, left, MOST_BYTES);
      if (whole.positionBytes == left.place().positionBytes()) {
        return false;
      }
      left = rest(segment, left, whole);
    }
    return true;
  }

  /** What is left of a stretch that is whole up to a point. */
  private static DamagedRange rest(Segment segment, DamagedRange range, Point whole) {
    return new DamagedRange(
        range.file(),
        place(segment, whole.positionBytes),
        range.lengthBytes() - (whole.positionBytes - range.place().positionBytes()),
        whole.offset,
        range.nextOffset(),
        range.fact());
  }

  /** The damage up to a position, noted; if the position is whole, no damage is known there. */
  private List<DamagedRange> damageUpTo(Segment segment, long positionBytes) throws IOException {
    List<DamagedRange> damage = new SegmentCheck(segment, judge).damageUpTo(positionBytes);
    known.remove(place(segment, positionBytes));
    damage.forEach(this::note);
    return damage;
  }

  /** Where a stretch is whole again up to. Immutable. */
  private record Point(long positionBytes, long offset) {}

  /** Once for all who ask at the same time; returns up to where the stretch is whole again. */
  private Point repair(Segment segment, DamagedRange range, long mostBytes) throws IOException {
    CompletableFuture<Point> mine = new CompletableFuture<>();
    CompletableFuture<Point> others = underWay.putIfAbsent(range.place(), mine);
    if (others != null) {
      return others.join();
    }
    Point whole = new Point(range.place().positionBytes(), range.startOffset());
    try {
      whole = copyInto(segment, range, Math.min(mostBytes, MOST_BYTES));
      return whole;
    } finally {
      underWay.remove(range.place(), mine);
      mine.complete(whole);
    }
  }

  private Point copyInto(Segment segment, DamagedRange range, long mostBytes) throws IOException {
    BatchSurvey.Bounds bounds = segment.bounds();
    long startBytes = range.place().positionBytes();
    long endBytes = startBytes + range.lengthBytes();
    long at = startBytes;
    long offset = range.startOffset();
    while (at < endBytes && at - startBytes < mostBytes) {
      long baseOffset = offset;
      long room = bounds.sizeBytes() - at;
      Optional<ByteBuffer> copy =
          copies.find(
              place(segment, at), bytes -> isRight(bytes, baseOffset, room, bounds.nextOffset()));
      if (copy.isEmpty()) {
        break;
      }
      segment.overwrite(copy.get().duplicate(), at);
      offset = RecordBatch.wrap(copy.get()).nextOffset();
      at += copy.get().remaining();
    }
    if (at > startBytes) {
      segment.forceOverwritten();
      known.remove(range.place());
      said.remove(range.place());
      LOGGER.info(
          "repaired: file={} positionBytes={} lengthBytes={} startOffset={} nextOffset={}",
          range.file(),
          startBytes,
          at - startBytes,
          range.startOffset(),
          offset);
    }
    Point whole = new Point(at, offset);
    if (at > startBytes && at < endBytes) {
      DamagedRange rest = rest(segment, range, whole);
      known.put(rest.place(), rest);
    }
    return whole;
  }

  private boolean isRight(ByteBuffer bytes, long baseOffset, long room, long nextOffset) {
    try {
      RecordBatch batch = judge.get().verify(bytes, baseOffset);
      return batch.sizeBytes() <= room && batch.nextOffset() <= nextOffset;
    } catch (CorruptBatchException e) {
      return false;
    }
  }

  private static BatchPlace place(Segment segment, long positionBytes) {
    SegmentSummary summary = segment.summary();
    return new BatchPlace(summary.baseOffset(), summary.compactions(), positionBytes);
  }
}
