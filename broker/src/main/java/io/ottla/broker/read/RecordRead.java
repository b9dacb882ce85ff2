package io.ottla.broker.read;

import java.util.List;

/** What a read of records found. Immutable. */
public sealed interface RecordRead {
  /**
   * Records.
   *
   * @param runs one after the other, as many as there was room for; empty at the end of the
   *     partition, and where all records were compacted away
   * @param nextOffset where to go on
   * @param endOffset the partition's next offset, exclusive end
   */
  record Taken(List<RecordRun> runs, long nextOffset, long endOffset) implements RecordRead {}

  /** The offset lies before the first or behind the next one. */
  record OutOfRange(long startOffset, long endOffset) implements RecordRead {}

  /** The partition is not here: not created yet, or deleted. */
  record NoSuchPartition() implements RecordRead {}
}
