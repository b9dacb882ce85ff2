package io.ottla.broker.store;

import io.ottla.log.BatchPlace;
import io.ottla.log.SegmentDigest;
import io.ottla.log.SegmentSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Reads the partitions of one replica of a data group; how a broker reads another one. All that it
 * shows is committed. Thread-safe. An {@link IOException} says that this replica cannot answer now
 * (its broker stops or its disk fails), never that a record is missing.
 */
public interface PartitionReader {
  /**
   * Reads from {@code offset} on.
   *
   * @param maxBytes a bound that only the first batch may exceed
   */
  PartitionRead read(UUID topicId, int partition, long offset, int maxBytes) throws IOException;

  /** Finds the first record whose timestamp is {@code timestampMs} or later. */
  OffsetLookup offsetForTimestamp(UUID topicId, int partition, long timestampMs) throws IOException;

  /**
   * The whole batch that begins at a place of a segment's file, verified; empty if this replica has
   * none there: it has compacted or trimmed the segment, or its own bytes are damaged.
   */
  Optional<ByteBuffer> batchAt(UUID topicId, int partition, BatchPlace place) throws IOException;

  /** The replica's segments, the active one last; empty when the partition is not here. */
  List<SegmentSummary> segments(UUID topicId, int partition);

  /**
   * A digest of as much of a segment's file as {@code upTo} says, and the damage in it; empty if
   * this replica has no such segment, or not so much of it.
   */
  Optional<SegmentDigest> digest(UUID topicId, int partition, SegmentSummary upTo)
      throws IOException;

  /** The offsets that the replica has; empty when the partition is not here. */
  Optional<Range> range(UUID topicId, int partition);

  /** The replica's extent; empty when the partition is not here. */
  Optional<Extent> extent(UUID topicId, int partition);

  /**
   * The offsets of a partition.
   *
   * @param startOffset the first offset
   * @param endOffset the next offset, exclusive end
   */
  record Range(long startOffset, long endOffset) {}

  /**
   * What a replica holds of a partition.
   *
   * @param startOffset the first offset
   * @param endOffset the next offset
   * @param sizeBytes of all segments
   * @param directory relative to the broker's directory
   */
  record Extent(long startOffset, long endOffset, long sizeBytes, Path directory) {}
}
