package io.ottla.cli.produce;

import java.util.function.LongSupplier;

/**
 * Deals lines without a key to the partitions of a topic, by the millisecond: lines of the same one
 * go to the same partition, the next millisecond's to the next. So no two partitions have lines of
 * the same time, and who merges them by time, as {@code consume} does, has the lines in the order
 * in which they came. Times never go back. One owner at a time.
 */
final class Turns {
  private final int partitions;
  private final LongSupplier clockMs;
  private int partition;
  private long timestampMs;

  /**
   * Turns that begin now.
   *
   * @param partitions how many there are
   */
  Turns(int partitions, LongSupplier clockMs) {
    this.partitions = partitions;
    this.clockMs = clockMs;
    this.timestampMs = clockMs.getAsLong();
    this.partition = (int) Math.floorMod(timestampMs, (long) partitions);
  }

  /** A line comes: {@link #timestampMs} and {@link #partition} are its. */
  void next() {
    long nowMs = clockMs.getAsLong();
    if (nowMs > timestampMs) {
      timestampMs = nowMs;
      partition = (partition + 1) % partitions;
    }
  }

  long timestampMs() {
    return timestampMs;
  }

  int partition() {
    return partition;
  }
}
