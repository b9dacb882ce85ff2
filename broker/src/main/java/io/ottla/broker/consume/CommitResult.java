package io.ottla.broker.consume;

import java.util.List;
import java.util.OptionalLong;

/**
 * The committed offsets after a commit.
 *
 * @param consumerId empty for a reset
 */
public record CommitResult(OptionalLong consumerId, String group, List<Committed> committed) {
  /** A committed offset: the next one to read. */
  public record Committed(String topic, int partition, long offset) {}
}
