package io.ottla.broker.store;

import io.ottla.broker.store.ProducerClaim.Mark;
import java.nio.ByteBuffer;

/**
 * What a partition has of one sequence of a producer. Immutable.
 *
 * @param mark the last event that it has, and the checksum up to there
 * @param firstOffset the offset of the sequence's first event
 * @param lastOffset the offset of its last one; those between may be others'
 * @param count how many events it has
 * @param timestampMs what the first batch's events without a time of their own got
 */
public record SequenceProgress(
    Mark mark, long firstOffset, long lastOffset, long count, long timestampMs) {
  static final int BYTES = 6 * Long.BYTES;

  /** The same after another batch of the sequence was appended. */
  SequenceProgress plus(Mark after, long batchOffset, int batchCount) {
    return new SequenceProgress(
        after, firstOffset, batchOffset + batchCount - 1, count + batchCount, timestampMs);
  }

  void writeTo(ByteBuffer out) {
    out.putLong(mark.line()).putLong(mark.checksum());
    out.putLong(firstOffset).putLong(lastOffset).putLong(count).putLong(timestampMs);
  }

  static SequenceProgress readFrom(ByteBuffer in) {
    Mark mark = new Mark(in.getLong(), in.getLong());
    return new SequenceProgress(mark, in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }
}
