package io.ottla.broker.produce;

import io.ottla.replication.ReplicationGroup;
import java.time.Duration;

/**
 * How much an accumulator gathers. Immutable.
 *
 * @param fullRoundBytes a round that holds this much is sent; a larger share goes alone
 * @param maxShareBytes the largest share, compressed
 * @param maxQueuedBytes beyond this, shares are refused
 * @param maxLinger the longest that a round waits for company
 * @param oldTermPatience how long a round of an older term is waited for when a newer leader is
 *     ready
 */
public record AccumulatorLimits(
    int fullRoundBytes,
    int maxShareBytes,
    long maxQueuedBytes,
    Duration maxLinger,
    Duration oldTermPatience) {
  /** Records of a smaller share are built into batches by the round, not by the request. */
  static final int BUILD_ALONE_BYTES = 4 * 1024;

  /**
   * More than what a command adds to its records: its own header, its claim, the batch's header.
   */
  static final int COMMAND_OVERHEAD_BYTES = 224;

  public AccumulatorLimits {
    if (maxShareBytes + COMMAND_OVERHEAD_BYTES > ReplicationGroup.MAX_PAYLOAD_BYTES
        || fullRoundBytes > maxShareBytes
        || maxShareBytes > maxQueuedBytes) {
      throw new IllegalArgumentException(
          "fullRoundBytes=%d maxShareBytes=%d maxQueuedBytes=%d"
              .formatted(fullRoundBytes, maxShareBytes, maxQueuedBytes));
    }
  }

  /** What a server uses. */
  public static AccumulatorLimits production() {
    return new AccumulatorLimits(
        1 << 20, 3_670_016 /* 3.5 MiB */, 16L << 20, Duration.ofMillis(3), Duration.ofSeconds(10));
  }
}
