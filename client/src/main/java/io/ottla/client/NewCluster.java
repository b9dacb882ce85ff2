package io.ottla.client;

import java.util.Objects;

/**
 * A cluster that is to be made. Immutable. What is null is left to the server.
 *
 * @param name letters, digits, dots, hyphens and underscores; at most 100
 * @param numBrokers 1 to 9; three of them, or fewer if there are fewer, hold each partition
 * @param partitions how many partitions a topic has that does not say
 * @param retentionHours how long a topic keeps its records that does not say; -1 for ever
 * @param logDirectory where the brokers' files are, below the server's data directory
 */
public record NewCluster(
    String name,
    Integer numBrokers,
    Integer partitions,
    Double retentionHours,
    String logDirectory) {
  /** Checks that there is a name. */
  public NewCluster {
    Objects.requireNonNull(name, "name");
  }

  /**
   * A cluster with the server's defaults.
   *
   * @param name its name
   * @return the cluster to be made
   */
  public static NewCluster of(String name) {
    return new NewCluster(name, null, null, null, null);
  }
}
