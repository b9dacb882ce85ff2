package io.ottla.metadata;

import java.util.Objects;
import java.util.Set;

/**
 * What a topic's owner may choose. Immutable. It holds any values, so that a caller can be told
 * what is wrong with them; only a command or a {@link Topic} made of it insists.
 *
 * @param retentionHours how long records stay after they were appended; fractions allowed, -1 = for
 *     ever
 * @param retentionBytes how much of each partition stays; -1 = all
 * @param segmentBytes how large a segment file grows before the next one begins
 * @param compression one of {@link #COMPRESSIONS}
 * @param cleanupPolicy one of {@link #CLEANUP_POLICIES}
 * @param maxRecordBytes the largest record
 */
public record TopicConfig(
    double retentionHours,
    long retentionBytes,
    long segmentBytes,
    String compression,
    String cleanupPolicy,
    int maxRecordBytes) {
  /** The names of the codecs. */
  public static final Set<String> COMPRESSIONS = Set.of("none", "gzip", "snappy", "lz4", "zstd");

  /** What may become of old records. */
  public static final Set<String> CLEANUP_POLICIES = Set.of("delete", "compact");

  /** Beyond all planning, and still milliseconds that fit a long. */
  public static final double MAX_RETENTION_HOURS = 1e9;

  public static final long MIN_SEGMENT_BYTES = 1024;

  /** File positions are 32 bits in the indexes; a segment may exceed its size by one batch. */
  public static final long MAX_SEGMENT_BYTES = 1 << 30;

  public static final long DEFAULT_SEGMENT_BYTES = 128 << 20;
  public static final int MAX_MAX_RECORD_BYTES = 3 << 20;
  public static final int DEFAULT_MAX_RECORD_BYTES = 1 << 20;
  public static final String DEFAULT_COMPRESSION = "lz4";
  public static final String DEFAULT_CLEANUP_POLICY = "delete";

  private static final double MS_PER_HOUR = 3_600_000;

  public TopicConfig {
    Objects.requireNonNull(compression, "compression");
    Objects.requireNonNull(cleanupPolicy, "cleanupPolicy");
  }

  /** Refuses what no topic can be like. */
  void check() {
    Range.checkRetentionHours(retentionHours);
    Range.check("retention bytes", retentionBytes, -1, Long.MAX_VALUE);
    Range.check("segment bytes", segmentBytes, MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
    Range.check("largest record", maxRecordBytes, 1, MAX_MAX_RECORD_BYTES);
    if (!COMPRESSIONS.contains(compression)) {
      throw new IllegalArgumentException("not a compression: " + compression);
    }
    if (!CLEANUP_POLICIES.contains(cleanupPolicy)) {
      throw new IllegalArgumentException("not a cleanup policy: " + cleanupPolicy);
    }
  }

  /** What a topic is like if its owner says nothing but how long records stay. */
  public static TopicConfig withRetention(double retentionHours) {
    return new TopicConfig(
        retentionHours,
        -1,
        DEFAULT_SEGMENT_BYTES,
        DEFAULT_COMPRESSION,
        DEFAULT_CLEANUP_POLICY,
        DEFAULT_MAX_RECORD_BYTES);
  }

  /** What {@link Names#CONSUMER_OFFSETS} is like: the newest record of each key, for ever. */
  static TopicConfig ofConsumerOffsets() {
    return new TopicConfig(
        -1, -1, DEFAULT_SEGMENT_BYTES, DEFAULT_COMPRESSION, "compact", MAX_MAX_RECORD_BYTES);
  }

  /** Retention in milliseconds; -1 = for ever. */
  public long retentionMs() {
    return retentionHours < 0 ? -1 : Math.round(retentionHours * MS_PER_HOUR);
  }

  /** Whether only the newest record of each key stays. */
  public boolean compacted() {
    return cleanupPolicy.equals("compact");
  }
}
