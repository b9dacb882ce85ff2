package io.ottla.broker.store;

/** Where in a partition a time lies. Immutable. */
public sealed interface OffsetLookup {
  /** The first record at or after that time. */
  record Found(long offset) implements OffsetLookup {}

  /** No record is that young; {@code endOffset} is the next one. */
  record NoneYet(long endOffset) implements OffsetLookup {}

  /** The partition is not here: not created yet, or deleted. */
  record NoSuchPartition() implements OffsetLookup {}
}
