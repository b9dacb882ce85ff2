package io.ottla.groups;

import java.util.Optional;

/** What the partitions hold. Must answer from memory. */
@FunctionalInterface
public interface LogBounds {
  /** The partition's bounds; empty while nobody leads it. */
  Optional<Bounds> of(TopicPartition partition);

  /**
   * Offsets {@code [startOffset, endOffset)} can be read.
   *
   * @param startOffset inclusive
   * @param endOffset exclusive
   */
  record Bounds(long startOffset, long endOffset) {}
}
