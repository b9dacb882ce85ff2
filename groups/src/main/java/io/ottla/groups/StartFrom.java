package io.ottla.groups;

/** Where a group without a commit starts in a partition. Immutable. */
public sealed interface StartFrom {
  /** At the first event that is still there. */
  record Earliest() implements StartFrom {}

  /** Behind the last event. */
  record Latest() implements StartFrom {}

  /** At the first event whose timestamp, milliseconds since the epoch, is this one or later. */
  record At(long timestampMs) implements StartFrom {}

  StartFrom EARLIEST = new Earliest();
  StartFrom LATEST = new Latest();
}
