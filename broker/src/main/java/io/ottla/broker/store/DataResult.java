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

  /**
   * There is nothing to compact as the command says: the partition is not compacted any more, or
   * its segments are others by now. Nothing happened.
   */
  record NotCompacted() implements DataResult {}

  /** The bytes are not one whole record batch. Nothing happened. */
  record InvalidBatch() implements DataResult {}

  /**
   * The partition has another part of the batch's sequence than its claim says: the batch itself,
   * or more, or other events. Nothing happened.
   */
  record Sequence(SequenceProgress progress) implements DataResult {}

  /** What became of the batch's sequence is forgotten. Nothing happened. */
  record SequenceTooOld() implements DataResult {}

  /** All about the batch's producer is forgotten. Nothing happened. */
  record ProducerExpired() implements DataResult {}
}
