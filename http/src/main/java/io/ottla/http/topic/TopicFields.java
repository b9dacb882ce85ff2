package io.ottla.http.topic;

import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.metadata.TopicConfig;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** The fields that clusters and topics are described by, with their ranges. */
public final class TopicFields {
  private static final int MAX_PARTITIONS = 1_000;
  private static final double MAX_RETENTION_HOURS = 1_000_000;

  private TopicFields() {}

  /** How many partitions. */
  public static OptionalInt partitions(Fields fields) throws InvalidJsonException {
    return fields.integer("partitions", 1, MAX_PARTITIONS);
  }

  /** Hours above 0, or -1 for ever. */
  public static OptionalDouble retentionHours(Fields fields) throws InvalidJsonException {
    OptionalDouble hours = fields.number("retention_policies");
    if (hours.isPresent()) {
      double value = hours.getAsDouble();
      if (value != -1 && !(value > 0 && value <= MAX_RETENTION_HOURS)) {
        throw fields.invalid(
            "retention_policies", "must be hours above 0 and at most 1000000, or -1 for ever");
      }
    }
    return hours;
  }

  /** At least 1, or -1 for all. */
  static OptionalLong retentionBytes(Fields fields) throws InvalidJsonException {
    OptionalLong bytes = fields.longInteger("retention_bytes", -1, Long.MAX_VALUE);
    if (bytes.isPresent() && bytes.getAsLong() == 0) {
      throw fields.invalid("retention_bytes", "must be at least 1, or -1 for no bound");
    }
    return bytes;
  }

  static OptionalLong segmentBytes(Fields fields) throws InvalidJsonException {
    return fields.longInteger(
        "segment_bytes", TopicConfig.MIN_SEGMENT_BYTES, TopicConfig.MAX_SEGMENT_BYTES);
  }

  static OptionalInt maxRecordBytes(Fields fields) throws InvalidJsonException {
    return fields.integer("max_record_bytes", 1, TopicConfig.MAX_MAX_RECORD_BYTES);
  }

  static Optional<String> compression(Fields fields) throws InvalidJsonException {
    return oneOf(fields, "compression", TopicConfig.COMPRESSIONS);
  }

  static Optional<String> cleanupPolicy(Fields fields) throws InvalidJsonException {
    return oneOf(fields, "cleanup_policy", TopicConfig.CLEANUP_POLICIES);
  }

  private static Optional<String> oneOf(Fields fields, String name, Set<String> allowed)
      throws InvalidJsonException {
    Optional<String> text = fields.text(name);
    if (text.isPresent() && !allowed.contains(text.get())) {
      throw fields.invalid(name, "must be one of " + String.join(", ", new TreeSet<>(allowed)));
    }
    return text;
  }
}
