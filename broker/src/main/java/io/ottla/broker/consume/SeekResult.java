package io.ottla.broker.consume;

import java.util.List;

/** The positions that a seek has moved. */
public record SeekResult(long consumerId, String group, List<Position> positions) {
  /**
   * A position.
   *
   * @param offset the next one to read
   */
  public record Position(String topic, int partition, long offset) {}
}
