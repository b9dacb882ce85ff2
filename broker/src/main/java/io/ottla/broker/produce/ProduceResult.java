package io.ottla.broker.produce;

import io.ottla.broker.Refusal;
import java.util.List;

/**
 * What became of a request's events: at least one is committed.
 *
 * @param events one per event, in input order
 */
public record ProduceResult(String topic, List<EventResult> events) {
  /** What became of one event. */
  public sealed interface EventResult {
    /** A majority of the partition's replicas has it on disk. */
    record Committed(int partition, long offset, long timestampMs) implements EventResult {}

    /** It failed; the refusal says whether it may have been appended. */
    record Failed(int partition, Refusal refusal) implements EventResult {}
  }

  /** Whether every event is committed. */
  public boolean allCommitted() {
    for (EventResult event : events) {
      if (event instanceof EventResult.Failed) {
        return false;
      }
    }
    return true;
  }
}
