package io.ottla.broker.store;

/** What became of one {@link DataCommand}, the same on every replica. Immutable. */
public sealed interface DataResult {
  /**
   * The batch is appended.
   *
   * @param baseOffset the offset of its first record
   */
  record Appended(long baseOffset) implements DataResult {}

  /** The command is done, or was done before. */
  record Done() implements DataResult {}

  /** The partition is not of this group: it was never created or is dropped. Nothing happened. */
  record NoSuchPartition() implements DataResult {}

  /** The bytes are not one whole record batch. Nothing happened. */
  record InvalidBatch() implements DataResult {}
}
