package io.ottla.broker.store;

import io.ottla.log.LogConfig;
import io.ottla.metadata.TopicConfig;
import java.time.Duration;

/**
 * How a partition is kept: what every replica must agree on. Immutable.
 *
 * @param segmentBytes a segment is closed before it grows beyond this
 * @param segmentMs a segment is closed once its first append is older than this
 * @param retentionMs how long records are kept after they were appended, -1 = for ever
 * @param retentionBytes how many bytes are kept, -1 = all
 * @param compacted whether only the newest record of each key must be kept; retention means nothing
 *     then
 */
public record PartitionConfig(
    long segmentBytes, long segmentMs, long retentionMs, long retentionBytes, boolean compacted) {
  private static final long LONGEST_SEGMENT_MS = Duration.ofDays(7).toMillis();
  private static final long SHORTEST_SEGMENT_MS = 1_000;

  /** Compaction rewrites segments while the group's entries wait: none should take it long. */
  private static final long LARGEST_COMPACTED_SEGMENT_BYTES = 16 << 20;

  private static final int SEGMENTS_PER_RETENTION = 4;
  private static final int INDEX_INTERVAL_BYTES = 4096;

  /**
   * What the metadata wants. Records go by whole segments, so a segment lasts at most a fraction of
   * the retention. A compacted partition's are small.
   */
  public static PartitionConfig of(TopicConfig config) {
    long retentionMs = config.retentionMs();
    long segmentMs =
        retentionMs < 0
            ? LONGEST_SEGMENT_MS
            : Math.clamp(
                retentionMs / SEGMENTS_PER_RETENTION, SHORTEST_SEGMENT_MS, LONGEST_SEGMENT_MS);
    long segmentBytes =
        config.compacted()
            ? Math.min(config.segmentBytes(), LARGEST_COMPACTED_SEGMENT_BYTES)
            : config.segmentBytes();
    return new PartitionConfig(
        segmentBytes, segmentMs, retentionMs, config.retentionBytes(), config.compacted());
  }

  LogConfig logConfig() {
    return new LogConfig(segmentBytes, segmentMs, INDEX_INTERVAL_BYTES);
  }
}
