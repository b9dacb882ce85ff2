package io.ottla.client;

import java.util.List;

/**
 * A cluster as the server tells of it. Immutable.
 *
 * @param clusterId unique for ever
 * @param name unique in a deployment
 * @param replicationFactor how many brokers hold each partition
 * @param toleratedFailures how many brokers may fail while it goes on
 * @param logDirectory where the brokers' files are, below the server's data directory
 * @param partitions how many partitions a topic has that does not say
 * @param retentionHours how long a topic keeps its records that does not say; -1 for ever
 * @param brokers by number
 * @param createdAt in ISO's format
 * @param topics by name; empty in a list of clusters
 * @param json the server's own document
 */
public record ClusterDescription(
    String clusterId,
    String name,
    int replicationFactor,
    int toleratedFailures,
    String logDirectory,
    int partitions,
    double retentionHours,
    List<Broker> brokers,
    String createdAt,
    List<Topic> topics,
    String json) {

  /**
   * One of a cluster's brokers. Immutable.
   *
   * @param id from 1 on
   * @param host where it is reached
   * @param port where it is reached
   * @param state {@code running}, {@code stopped} and the like
   * @param directory where its files are, below the server's data directory
   */
  public record Broker(int id, String host, int port, String state, String directory) {
    private static Broker of(Fields fields) {
      return new Broker(
          fields.integer("id"),
          fields.text("host"),
          fields.integer("port"),
          fields.text("state"),
          fields.text("directory"));
    }
  }

  /**
   * One of a cluster's topics. Immutable.
   *
   * @param name the topic's name
   * @param partitions by number, without details of their replicas
   */
  public record Topic(String name, List<PartitionDescription> partitions) {
    private static Topic of(Fields fields) {
      return new Topic(fields.text("name"), fields.objects("partitions", PartitionDescription::of));
    }
  }

  static ClusterDescription of(Fields fields) {
    return new ClusterDescription(
        fields.text("cluster_id"),
        fields.text("name"),
        fields.integer("replication_factor"),
        fields.integer("tolerated_failures"),
        fields.text("log_directory"),
        fields.integer("partitions"),
        fields.decimal("retention_policies"),
        fields.objects("brokers", Broker::of),
        fields.text("created_at"),
        fields.objects("topics", Topic::of),
        fields.json());
  }
}
