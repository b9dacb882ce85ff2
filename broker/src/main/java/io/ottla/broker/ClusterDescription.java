package io.ottla.broker;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A cluster as its users see it. Immutable.
 *
 * @param retentionHours fractions allowed, -1 = for ever
 * @param topics empty when the description was asked for without them
 */
public record ClusterDescription(
    UUID clusterId,
    String name,
    int replicationFactor,
    int toleratedFailures,
    String logDirectory,
    int partitions,
    double retentionHours,
    List<BrokerDescription> brokers,
    long createdAtMs,
    Optional<List<TopicDescription>> topics) {

  /** What a broker does. */
  public enum BrokerState {
    RUNNING,
    STOPPED,
    FAILED
  }

  /**
   * One broker.
   *
   * @param directory relative to the data directory
   */
  public record BrokerDescription(
      int id, String host, int port, BrokerState state, String directory) {}
}
