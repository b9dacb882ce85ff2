package io.ottla.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Writes what stays of a run of closed segments into a new one. Used once, by the apply thread.
 *
 * <p>Every record that stays keeps its offset, time, key, value and headers, and the epoch of its
 * batch. The new batches tile the run's offsets without a gap between them: an offset whose record
 * is gone lies within a batch. Batches of one epoch are joined up to {@link #BATCH_BYTES}; where an
 * epoch has no record left, a batch without records stands for its offsets. Records below the log's
 * start go, unread. A large batch that loses nothing is copied as it is; other batches lose what
 * their headers say of a producer, which nobody reads.
 *
 * <p>What is written depends on the segments, the compaction, the epochs, the log's start and the
 * codecs' versions, and on nothing else.
 */
final class SegmentRewriter {
  /** Batches are joined as long as their records take no more, before compression. */
  static final int BATCH_BYTES = 256 * 1024;

  /** A batch of that size is not worth joining with others. */
  static final int COPY_FROM_BYTES = 32 * 1024;

  private static final int READ_BYTES = 1 << 20;

  private final Segment target;
  private final KeptOffsets.Cursor kept;
  private final RecordBatchBuilder builder;
  private final LogRepair repair;
  private final EpochHistory epochs;
  private final long startOffset;

  /** Where the batch that is being built begins. */
  private long batchBaseOffset;

  private int batchEpoch;

  SegmentRewriter(Segment target, Compaction compaction, LogRepair repair) {
    BatchJudge judge = repair.judgeNow();
    this.target = target;
    this.repair = repair;
    this.kept = compaction.kept().from(compaction.firstBaseOffset());
    this.builder = new RecordBatchBuilder(compaction.compression());
    this.epochs = judge.epochs();
    this.startOffset = judge.startOffset();
    this.batchBaseOffset = compaction.firstBaseOffset();
    this.batchEpoch = epochs.epochAt(Math.max(batchBaseOffset, startOffset));
  }

  /**
   * Does it.
   *
   * @return false if one file cannot hold that much: the target is of no use then
   * @throws CorruptBatchException if a batch of the sources is damaged and cannot be repaired
   */
  boolean rewrite(List<Segment> sources) throws IOException {
    try {
      for (Segment source : sources) {
        take(source);
      }
      flush(sources.getLast().nextOffset());
      return true;
    } catch (FullException e) {
      return false;
    }
  }

  private void take(Segment source) throws IOException {
    long offset = Math.max(source.baseOffset(), startOffset);
    while (offset < source.nextOffset()) {
      long from = offset;
      ByteBuffer read =
          repair.reading(
              source, Long.MAX_VALUE, () -> source.read(from, READ_BYTES, repair.judgeNow()));
      for (RecordBatch batch : RecordBatches.in(read)) {
        take(batch, epochs.epochAt(offset));
        offset = batch.nextOffset();
      }
    }
  }

  private void take(RecordBatch batch, int epoch) throws IOException {
    long baseOffset = batch.baseOffset();
    if (epoch != batchEpoch) {
      flush(baseOffset);
      batchEpoch = epoch;
    }
    if (batch.sizeBytes() >= COPY_FROM_BYTES
        && baseOffset >= startOffset
        && kept.keepsAll(baseOffset, batch.nextOffset())) {
      flush(baseOffset);
      write(batch.bytes(), batch.nextOffset());
      return;
    }
    for (StoredRecord record : batch.records()) {
      if (record.offset() >= startOffset && kept.keeps(record.offset())) {
        add(record);
      }
    }
  }

  private void add(StoredRecord record) throws IOException {
    int sizeBytes =
        RecordBatchBuilder.recordSizeBytes(record.key(), record.value(), record.headers());
    if (builder.recordCount() > 0 && sizeBytes > BATCH_BYTES - builder.uncompressedSizeBytes()) {
      flush(record.offset());
    }
    builder.append(
        (int) (record.offset() - batchBaseOffset),
        record.timestampMs(),
        record.key(),
        record.value(),
        record.headers());
  }

  /** Ends the batch that is being built in front of {@code nextOffset}. */
  private void flush(long nextOffset) throws IOException {
    if (nextOffset > batchBaseOffset) {
      ByteBuffer batch = builder.buildOver((int) (nextOffset - batchBaseOffset));
      batch.putLong(BatchFormat.BASE_OFFSET, batchBaseOffset);
      batch.putInt(BatchFormat.LEADER_EPOCH, batchEpoch);
      write(batch, nextOffset);
    }
  }

  private void write(ByteBuffer batch, long nextOffset) throws IOException {
    if (batch.remaining() > BatchFormat.MAX_BATCH_BYTES
        || target.summary().sizeBytes() + batch.remaining() > Integer.MAX_VALUE) {
      throw new FullException();
    }
    target.append(batch, batch.remaining(), 0);
    batchBaseOffset = nextOffset;
  }

  /** Positions in a segment are 32 bits, and batches have a limit. */
  private static final class FullException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
