package io.ottla.broker;

import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.log.Compression;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.SegmentSummary;
import io.ottla.log.StoredRecord;
import java.io.IOException;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;

/**
 * Compacts one partition once, at its group's leader: finds the latest offset of every key in the
 * closed segments that are dirty, then goes over all closed segments, oldest first, and has each
 * run of them rewritten without what is superseded. Used once, by one thread.
 *
 * <h2>What goes</h2>
 *
 * A record goes if a later one below {@link #upTo} has its key. A tombstone that is the latest of
 * its key goes if everything in its segment was appended longer ago than tombstones stay. Records
 * without a key stay.
 *
 * <h2>Why no older value comes back</h2>
 *
 * A tombstone goes in the same entry as the older records of its key, or in a later one: the pass
 * goes from the oldest segment on, and goes on only when what it submitted was applied. Below the
 * clean offset there are no two records of a key. If an entry is applied after all, late, under
 * another leader, it takes away only what was superseded when it was decided, and that stays so.
 */
final class CompactionPass {
  private static final int READ_BYTES = 1 << 20;

  private final PartitionReplica replica;
  private final PartitionReader reader;
  private final Compression compression;
  private final Limits limits;
  private final Predicate<DataCommand.Compact> submit;
  private final LatestOffsets latest;

  /** Below it, all latest offsets are known. */
  private long upTo;

  /**
   * How far a pass goes. Immutable.
   *
   * @param ageMs how long ago a time is, for tombstones' ages
   * @param tombstoneRetentionMs how long they stay at least
   * @param memoryBytes what the latest offsets may take
   */
  record Limits(LongUnaryOperator ageMs, long tombstoneRetentionMs, int memoryBytes) {}

  /**
   * A pass that has done nothing yet.
   *
   * @param reader of the leader's replica
   * @param submit has all replicas do it and waits; false if they did not
   */
  CompactionPass(
      PartitionReplica replica,
      PartitionReader reader,
      Compression compression,
      Limits limits,
      Predicate<DataCommand.Compact> submit) {
    this.replica = replica;
    this.reader = reader;
    this.compression = compression;
    this.limits = limits;
    this.submit = submit;
    this.latest = new LatestOffsets(limits.memoryBytes());
  }

  /**
   * Does it, if at least half of the closed bytes are dirty.
   *
   * @param cleanOffset no two records below it have the same key
   * @return the clean offset from now on: the same if not all was done
   * @throws IOException if the replica cannot be read
   */
  long run(long cleanOffset) throws IOException {
    List<SegmentSummary> segments = replica.segments();
    if (!isWorthIt(segments, cleanOffset)) {
      return cleanOffset;
    }
    upTo = findLatest(Math.max(cleanOffset, replica.startOffset()), activeOffset(segments));
    CompactionRun run = null;
    for (int i = 0; i < segments.size() - 1 && segments.get(i).baseOffset() < upTo; i++) {
      SegmentSummary segment = segments.get(i);
      long nextOffset = segments.get(i + 1).baseOffset();
      if (run != null && !run.takes(segment, nextOffset)) {
        if (!rewrite(run)) {
          return cleanOffset;
        }
        run = null;
      }
      if (run == null) {
        run = new CompactionRun(segment, replica.config().segmentBytes(), limits);
      }
      decide(run, segment, nextOffset);
      if (run.isFull()) {
        rewrite(run);
        return cleanOffset;
      }
    }
    return run == null || rewrite(run) ? upTo : cleanOffset;
  }

  private static long activeOffset(List<SegmentSummary> segments) {
    return segments.getLast().baseOffset();
  }

  private static boolean isWorthIt(List<SegmentSummary> segments, long cleanOffset) {
    long bytes = 0;
    long dirtyBytes = 0;
    for (int i = 0; i < segments.size() - 1; i++) {
      long sizeBytes = segments.get(i).sizeBytes();
      bytes += sizeBytes;
      dirtyBytes += segments.get(i + 1).baseOffset() > cleanOffset ? sizeBytes : 0;
    }
    return dirtyBytes > 0 && dirtyBytes >= bytes - dirtyBytes;
  }

  /** Notes the latest offsets of keys; returns the offset at which there was no more room. */
  private long findLatest(long offset, long nextOffset) throws IOException {
    long[] end = {nextOffset};
    read(
        offset,
        nextOffset,
        record -> {
          boolean isNoted = record.key() == null || latest.put(record.key(), record.offset());
          if (!isNoted) {
            end[0] = record.offset();
          }
          return isNoted;
        });
    return end[0];
  }

  /** Tells the run what goes of its next segment. */
  private void decide(CompactionRun run, SegmentSummary segment, long nextOffset)
      throws IOException {
    run.begin(segment, nextOffset);
    boolean isOld =
        limits.ageMs().applyAsLong(segment.lastAppendTimeMs()) > limits.tombstoneRetentionMs();
    read(
        Math.max(segment.baseOffset(), replica.startOffset()),
        nextOffset,
        record -> {
          run.add(record.offset(), goes(record, isOld));
          return true;
        });
    run.end();
  }

  private boolean goes(StoredRecord record, boolean isOld) {
    if (record.key() == null || record.offset() >= upTo) {
      return false;
    }
    return latest.latest(record.key()) > record.offset() || (isOld && record.value() == null);
  }

  /** Has a run rewritten, if that is of use; false if it was not done. */
  private boolean rewrite(CompactionRun run) {
    return !run.isWorthIt()
        || submit.test(
            new DataCommand.Compact(
                replica.topicId(), replica.partition(), run.compaction(compression)));
  }

  /** Shows the records of a stretch of the log, until one answer is false. */
  private void read(long offset, long nextOffset, Predicate<StoredRecord> goOn) throws IOException {
    long at = offset;
    while (at < nextOffset) {
      PartitionRead read = reader.read(replica.topicId(), replica.partition(), at, READ_BYTES);
      if (!(read instanceof PartitionRead.Batches batches) || !batches.bytes().hasRemaining()) {
        throw new IOException("not there any more: offset=%d: %s".formatted(at, read));
      }
      for (RecordBatch batch : RecordBatches.in(batches.bytes())) {
        for (StoredRecord record : batch.records()) {
          boolean isWanted = record.offset() >= at && record.offset() < nextOffset;
          if (isWanted && !goOn.test(record)) {
            return;
          }
        }
        at = Math.max(at, batch.nextOffset());
      }
    }
  }
}
