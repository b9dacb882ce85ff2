package io.ottla.log;

import java.nio.ByteBuffer;

/** What {@link PartitionLog#read} found. */
public sealed interface ReadResult {
  /**
   * Whole batches, their checksums verified.
   *
   * @param bytes the first batch holds the offset that was asked for; empty at the end of the log.
   *     The reader's own
   * @param endOffset of the log, at or behind the last of these batches
   */
  record Batches(ByteBuffer bytes, long endOffset) implements ReadResult {}

  /** The offset lies outside {@code [startOffset, endOffset]}. */
  record OutOfRange(long startOffset, long endOffset) implements ReadResult {}
}
