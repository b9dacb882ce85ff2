package io.ottla.broker;

import io.ottla.broker.identity.SetAsideDirectory;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A cluster as its users see it. Immutable.
 *
 * @param retentionHours fractions allowed, -1 = for ever
 * @param setAside directories that stood in brokers' places and are not theirs; empty when the
 *     description was asked for without them
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
    Optional<List<SetAsideDirectory>> setAside,
    Optional<List<TopicDescription>> topics) {

  /** What a broker does. */
  public enum BrokerState {
    RUNNING,
    STOPPED,
    /** Only a person, or the next start of the process, starts it again. */
    FAILED,
    /** It is started again once what it waits for is there. */
    WAITING
  }

  /**
   * One broker.
   *
   * @param directory relative to the data directory
   * @param reason why it is failed or cannot be started, or what it waits for
   */
  public record BrokerDescription(
      int id,
      String host,
      int port,
      BrokerState state,
      String directory,
      Optional<String> reason) {}
}
