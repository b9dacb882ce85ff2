package io.ottla.groups;

import java.util.List;

/**
 * What the coordinator decided: records to append, and what to answer once they are. Immutable.
 *
 * @param records to be appended in this order; often none
 * @param sequence the answer stands only when everything decided up to this sequence is applied; 0
 *     when it waits for nothing
 */
public record Decision<T>(List<GroupRecord> records, long sequence, Outcome<T> outcome) {
  public Decision {
    records = List.copyOf(records);
  }

  /** The answer. */
  public sealed interface Outcome<T> {}

  /** Granted, with a value. */
  public record Granted<T>(T value) implements Outcome<T> {}

  /** Refused; there are no records. */
  public record Denied<T>(GroupRefusal refusal) implements Outcome<T> {}

  static <T> Decision<T> denied(GroupRefusal refusal) {
    return new Decision<>(List.of(), 0, new Denied<>(refusal));
  }
}
