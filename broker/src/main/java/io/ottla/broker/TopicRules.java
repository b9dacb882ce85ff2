package io.ottla.broker;

import io.ottla.log.Compression;
import io.ottla.metadata.TopicConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a topic may be called and set to. Pure. */
final class TopicRules {
  static final int MAX_PARTITIONS = 1_000;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,249}");
  private static final double MAX_RETENTION_HOURS = 1_000_000;
  private static final long MIN_SEGMENT_BYTES = 1_024;
  private static final long MAX_SEGMENT_BYTES = 1L << 30;
  private static final int MAX_RECORD_BYTES = 3 << 20;
  private static final List<String> COMPRESSIONS = List.of("none", "gzip", "snappy", "lz4", "zstd");
  private static final List<String> CLEANUP_POLICIES = List.of("delete", "compact");

  private TopicRules() {}

  /** Why a topic of this name cannot be created, altered or deleted by a user. */
  static Optional<Refusal> nameRefusal(String name) {
    if (name.equals(".") || name.equals("..") || !NAME.matcher(name).matches()) {
      return Optional.of(
          Refusal.invalid(
              "name", "a topic's name must match [A-Za-z0-9._-]{1,249} and not be . or .."));
    }
    if (name.startsWith("__")) {
      return Optional.of(
          Refusal.of(RefusalCode.INTERNAL_TOPIC, "topics whose names start with __ are Ottla's own")
              .with("field", "name"));
    }
    return Optional.empty();
  }

  static Optional<Refusal> partitionsRefusal(int partitions) {
    return partitions >= 1 && partitions <= MAX_PARTITIONS
        ? Optional.empty()
        : Optional.of(Refusal.invalid("partitions", "partitions must be 1 to " + MAX_PARTITIONS));
  }

  static Optional<Refusal> retentionRefusal(String field, double hours) {
    boolean fits = hours == -1 || (hours > 0 && hours <= MAX_RETENTION_HOURS);
    return fits
        ? Optional.empty()
        : Optional.of(
            Refusal.invalid(
                field, field + " must be hours above 0 and at most 1000000, or -1 for ever"));
  }

  /** The first setting that is out of range. */
  static Optional<Refusal> configRefusal(TopicConfig config) {
    Optional<Refusal> retention = retentionRefusal("retention_policies", config.retentionHours());
    if (retention.isPresent()) {
      return retention;
    }
    if (config.retentionBytes() != -1 && config.retentionBytes() < 1) {
      return invalid("retention_bytes", "must be at least 1, or -1 for no bound");
    }
    if (config.segmentBytes() < MIN_SEGMENT_BYTES || config.segmentBytes() > MAX_SEGMENT_BYTES) {
      return invalid("segment_bytes", "must be " + MIN_SEGMENT_BYTES + " to " + MAX_SEGMENT_BYTES);
    }
    if (!COMPRESSIONS.contains(config.compression())) {
      return invalid("compression", "must be one of " + String.join(", ", COMPRESSIONS));
    }
    if (!CLEANUP_POLICIES.contains(config.cleanupPolicy())) {
      return invalid("cleanup_policy", "must be one of " + String.join(", ", CLEANUP_POLICIES));
    }
    if (config.maxRecordBytes() < 1 || config.maxRecordBytes() > MAX_RECORD_BYTES) {
      return invalid("max_record_bytes", "must be 1 to " + MAX_RECORD_BYTES);
    }
    return Optional.empty();
  }

  /** Why a topic cannot be compressed so on this server, whatever the rules allow. */
  static Optional<Refusal> codecRefusal(String compression) {
    return Compression.valueOf(compression.toUpperCase(Locale.ROOT)).isAvailable()
        ? Optional.empty()
        : Optional.of(
            Refusal.of(
                    RefusalCode.COMPRESSION_UNAVAILABLE,
                    "this server cannot load the library for compression "
                        + compression
                        + "; its log says why")
                .with("field", "compression"));
  }

  /** There is no room for more partitions. */
  static Refusal diskFull(String shortage) {
    return Refusal.of(RefusalCode.DISK_FULL, shortage).with("retry_after_seconds", 1);
  }

  private static Optional<Refusal> invalid(String field, String rule) {
    return Optional.of(Refusal.invalid(field, field + " " + rule));
  }
}
