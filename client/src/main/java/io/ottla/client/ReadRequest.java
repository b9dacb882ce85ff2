package io.ottla.client;

import java.time.Duration;
import java.util.Objects;

/**
 * What an {@link OttlaLineReader} shall read of a topic, and how much at most. Immutable.
 *
 * @param cluster the cluster's name; may be null if only one can be meant
 * @param topic the topic's name
 * @param maxEvents 1 to 100,000
 * @param maxBytes up to 16 MiB, but at least one event
 * @param maxWait how long to wait for one event if there is none; up to a minute
 */
public record ReadRequest(
    String cluster, String topic, int maxEvents, int maxBytes, Duration maxWait) {
  /** Checks that there is a topic. */
  public ReadRequest {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(maxWait, "maxWait");
  }

  /**
   * The same, but for how long it waits.
   *
   * @param wait how long to wait for one event if there is none
   * @return another request
   */
  public ReadRequest waiting(Duration wait) {
    return new ReadRequest(cluster, topic, maxEvents, maxBytes, wait);
  }
}
