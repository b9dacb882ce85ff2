package io.ottla.broker.store;

import java.nio.ByteBuffer;

/** What a read of a partition found. Immutable. */
public sealed interface PartitionRead {
  /**
   * Records.
   *
   * @param bytes whole record batches with checked CRCs, the first of which holds the offset asked
   *     for (or the next one that there is); empty at the end of the partition
   * @param startOffset the partition's first offset
   * @param endOffset the partition's next offset, exclusive end
   */
  record Batches(ByteBuffer bytes, long startOffset, long endOffset) implements PartitionRead {}

  /** The offset lies before the first or behind the next one. */
  record OutOfRange(long startOffset, long endOffset) implements PartitionRead {}

  /** The partition is not here: not created yet, or deleted. */
  record NoSuchPartition() implements PartitionRead {}
}
