package io.ottla.broker.produce;

import io.ottla.broker.store.SequenceProgress;

/** What became of a share. Immutable. */
public sealed interface AppendOutcome {
  /**
   * A majority has it on disk, and the leader shows it to readers.
   *
   * @param baseOffset the offset of its first record; the others follow without gaps
   */
  record Appended(long baseOffset) implements AppendOutcome {}

  /**
   * It was not appended now, as the partition has already had events of its sequence: all of these,
   * or some, or others.
   */
  record Known(SequenceProgress progress) implements AppendOutcome {}

  /** It was not and will not be appended; whether it was before, only its reason may say. */
  record NotAppended(Reason reason, String detail) implements AppendOutcome {}

  /** It may have been appended, or may yet be. */
  record Unknown(String detail) implements AppendOutcome {}

  /** Why nothing was appended. */
  enum Reason {
    /** No leader accepts entries now; the same may work soon. */
    NO_LEADER,
    /** The leader's term is not the one that the caller asked for. */
    TERM_CHANGED,
    /** Too many bytes wait already; the same may work in a second. */
    OVERLOADED,
    /** The disks of too many of its brokers are full; the same may work once they have room. */
    DISK_FULL,
    /** It does not fit an entry even alone and compressed. */
    TOO_LARGE,
    /** The group has no such partition: not yet, or no more. */
    NO_SUCH_PARTITION,
    /** Its bytes are not a record batch. */
    INVALID_BATCH,
    /** Its deadline came while it still waited for its round. */
    TIMED_OUT,
    /** What became of its sequence before is forgotten. */
    SEQUENCE_TOO_OLD,
    /** All about its producer is forgotten. */
    PRODUCER_EXPIRED,
    /** This process failed before it was sent; its log says why. */
    FAILED,
    /** The cluster ends. */
    CLOSED
  }
}
