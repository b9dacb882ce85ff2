package io.ottla.broker;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Why a use case did not do what it was asked. Immutable.
 *
 * @param code stable and machine-readable
 * @param detail one sentence for a person, with the values that matter; never a class name, a path
 *     outside the data directories or a stack
 * @param attributes more members of the problem document, in order: numbers, strings, booleans,
 *     lists and maps of them. Names in use: {@code field}, {@code index}, {@code candidates},
 *     {@code start_offset}, {@code end_offset}, {@code appended} ({@code false} or {@code
 *     "unknown"}), {@code retry_after_seconds} (also sent as {@code Retry-After})
 */
public record Refusal(RefusalCode code, String detail, Map<String, Object> attributes) {
  /** A refusal without attributes. */
  public static Refusal of(RefusalCode code, String detail) {
    return new Refusal(code, detail, Map.of());
  }

  /** The same with one more attribute. */
  public Refusal with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(attributes);
    more.put(name, value);
    return new Refusal(code, detail, more);
  }

  /** A bad value in the request, named. */
  public static Refusal invalid(String field, String detail) {
    return of(RefusalCode.INVALID_REQUEST, detail).with("field", field);
  }

  /** Nothing was or will be appended. */
  public Refusal notAppended() {
    return with("appended", false);
  }

  /** It may have been appended. */
  public Refusal perhapsAppended() {
    return with("appended", "unknown");
  }
}
