package io.ottla.broker.read;

import java.util.List;

/** What a read of decoded batches found. Immutable. */
public sealed interface BatchRead {
  /**
   * Batches.
   *
   * @param batches one after the other; the first holds the offset that was asked for, or the next
   *     one that there is; empty at the end of the partition
   * @param endOffset the partition's next offset, exclusive end
   */
  record Batches(List<DecodedBatch> batches, long endOffset) implements BatchRead {}

  /** The offset lies before the first or behind the next one. */
  record OutOfRange(long startOffset, long endOffset) implements BatchRead {}

  /** The partition is not here: not created yet, or deleted. */
  record NoSuchPartition() implements BatchRead {}
}
