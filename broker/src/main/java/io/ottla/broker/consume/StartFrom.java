package io.ottla.broker.consume;

/** Where reading starts when there is no committed offset. */
public sealed interface StartFrom {
  /** The oldest record that is there. */
  record Earliest() implements StartFrom {}

  /** The next record to be appended. */
  record Latest() implements StartFrom {}

  /** The first record whose timestamp is at or after this, milliseconds since the epoch. */
  record At(long timestampMs) implements StartFrom {}
}
