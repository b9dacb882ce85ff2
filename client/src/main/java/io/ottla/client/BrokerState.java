package io.ottla.client;

/**
 * Whether a broker runs. Immutable.
 *
 * @param id the broker's number in its cluster
 * @param state {@code running}, {@code stopped} and the like
 * @param json the server's own document
 */
public record BrokerState(int id, String state, String json) {
  /** How a broker is stopped. */
  public enum StopMode {
    /** It hands its leadership over first. */
    CLEAN,
    /** As if its machine were lost. */
    CRASH
  }

  static BrokerState of(Fields fields) {
    return new BrokerState(fields.integer("id"), fields.text("state"), fields.json());
  }
}
