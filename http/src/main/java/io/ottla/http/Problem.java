package io.ottla.http;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.http.json.JsonBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A problem document (RFC 9457) with the contract's own members. Immutable.
 *
 * @param code stable and machine-readable
 * @param detail one sentence for a person
 * @param attributes more members, in order: numbers, strings, booleans, lists and maps of them
 */
public record Problem(
    int status, String code, boolean retriable, String detail, Map<String, Object> attributes) {
  private static final String APPENDED = "appended";
  private static final String RETRY_AFTER = "retry_after_seconds";
  private static final long PATIENT_SECONDS = 60;

  /** A problem without more members, that a retry does not cure. */
  public static Problem of(int status, String code, String detail) {
    return new Problem(status, code, false, detail, Map.of());
  }

  /** What a use case refused. */
  public static Problem of(Refusal refusal) {
    return new Problem(
        statusOf(refusal.code()),
        refusal.code().wireName(),
        refusal.code().retriable(),
        refusal.detail(),
        refusal.attributes());
  }

  /** The same with one more member. */
  public Problem with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(attributes);
    more.put(name, value);
    return new Problem(status, code, retriable, detail, more);
  }

  /** The same, saying whether events may have been appended, unless it says so already. */
  public Problem withAppendedUnlessSaid(Object appended) {
    return attributes.containsKey(APPENDED) ? this : with(APPENDED, appended);
  }

  /** What {@code Retry-After} says; 0 if it is not sent. */
  long retryAfterSeconds() {
    if (attributes.get(RETRY_AFTER) instanceof Number seconds) {
      return Math.max(1, seconds.longValue());
    }
    return switch (status) {
      case 503 -> 1;
      case 429 -> retriable ? 1 : PATIENT_SECONDS;
      default -> 0;
    };
  }

  /** The document. */
  public JsonBuffer toJson() {
    JsonBuffer out = new JsonBuffer(256);
    out.raw("{\"type\":").string("urn:ottla:problem:" + code);
    out.raw(",\"title\":").string(title());
    out.raw(",\"status\":").number(status);
    out.raw(",\"detail\":").string(detail);
    out.raw(",\"code\":").string(code);
    out.raw(retriable ? ",\"retriable\":true" : ",\"retriable\":false");
    attributes.forEach(
        (name, value) -> {
          out.raw(',').string(name).raw(':');
          write(out, value);
        });
    return out.raw('}');
  }

  private String title() {
    String words = code.replace('_', ' ');
    return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  private static void write(JsonBuffer out, Object value) {
    switch (value) {
      case null -> out.raw("null");
      case Double number -> out.number(number);
      case Number number -> out.number(number.longValue());
      case Boolean truth -> out.raw(truth ? "true" : "false");
      case List<?> elements -> {
        out.raw('[');
        for (int i = 0; i < elements.size(); i++) {
          if (i > 0) {
            out.raw(',');
          }
          write(out, elements.get(i));
        }
        out.raw(']');
      }
      case Map<?, ?> members -> {
        String comma = "{";
        for (Map.Entry<?, ?> member : members.entrySet()) {
          out.raw(comma).string(String.valueOf(member.getKey())).raw(':');
          write(out, member.getValue());
          comma = ",";
        }
        out.raw(members.isEmpty() ? "{}" : "}");
      }
      default -> out.string(value.toString());
    }
  }

  /** The status of each refusal; a new code does not compile until it has one. */
  static int statusOf(RefusalCode code) {
    return switch (code) {
      case INVALID_REQUEST, CLUSTER_REQUIRED -> 400;
      case INTERNAL_TOPIC -> 403;
      case CLUSTER_NOT_FOUND,
          BROKER_NOT_FOUND,
          TOPIC_NOT_FOUND,
          CONSUMER_NOT_FOUND,
          GROUP_NOT_FOUND ->
          404;
      case CLUSTER_EXISTS,
          LOG_DIRECTORY_IN_USE,
          BROKER_FAILED,
          TOPIC_EXISTS,
          GROUP_ACTIVE,
          NOT_ASSIGNED,
          POSITION_LOST,
          POLL_SUPERSEDED,
          UNKNOWN_PRODUCER,
          PRODUCER_EXPIRED,
          SEQUENCE_REUSED,
          SEQUENCE_TOO_OLD ->
          409;
      case OFFSET_OUT_OF_RANGE -> 410;
      case RECORD_TOO_LARGE, BATCH_TOO_LARGE -> 413;
      case COMPRESSION_UNAVAILABLE,
          PARTITIONS_CANNOT_SHRINK,
          PARTITION_OUT_OF_RANGE,
          KEY_REQUIRED,
          OFFSET_BEYOND_END ->
          422;
      case TOO_MANY_CLUSTERS, TOO_MANY_PRODUCERS, TOO_MANY_CONSUMERS -> 429;
      case DAMAGED_RECORD, CLUSTER_DAMAGED -> 500;
      case NOT_COMMITTED, NO_LEADER, OVERLOADED, COORDINATOR_CHANGED, NOT_READY -> 503;
      case DISK_FULL -> 507;
    };
  }
}
