package io.ottla.log;

import java.nio.ByteBuffer;

/**
 * Says whether bytes are the batch that a log wrote at an offset. Immutable.
 *
 * <p>The checksum covers neither the base offset nor the leader's epoch: the one must be where the
 * batch before it ended, the other what the log's history says.
 *
 * @param epochs null if any epoch will do
 * @param startOffset the log's; the history knows little of what lies below it
 */
record BatchJudge(EpochHistory epochs, long startOffset) {
  /** One that does not look at epochs. */
  static final BatchJudge OF_ANY_EPOCH = new BatchJudge(null, 0);

  /** Whether the history has that epoch for these offsets. */
  boolean fitsEpoch(long baseOffset, long lastOffset, int leaderEpoch) {
    if (epochs == null) {
      return true;
    }
    int expected = epochs.epochAt(Math.max(baseOffset, startOffset));
    return lastOffset < startOffset ? leaderEpoch <= expected : leaderEpoch == expected;
  }

  /**
   * The batch, verified.
   *
   * @param bytes exactly those of the batch
   * @throws CorruptBatchException if it is damaged, or another one
   */
  RecordBatch verify(ByteBuffer bytes, long baseOffset) throws CorruptBatchException {
    RecordBatch batch = RecordBatch.wrap(bytes);
    if (batch.baseOffset() != baseOffset) {
      throw new CorruptBatchException(
          "offset %d is expected, not %d".formatted(baseOffset, batch.baseOffset()));
    }
    if (!fitsEpoch(baseOffset, batch.lastOffset(), batch.leaderEpoch())) {
      throw new CorruptBatchException(
          "leaderEpoch=%d is not that of offset %d".formatted(batch.leaderEpoch(), baseOffset));
    }
    batch.verifyChecksum();
    return batch;
  }
}
