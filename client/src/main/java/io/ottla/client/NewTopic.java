package io.ottla.client;

import java.util.Objects;

/**
 * A topic that is to be made. Immutable. What is null is left to the server.
 *
 * @param name letters, digits, dots, hyphens and underscores; at most 249
 * @param cluster the cluster's name; may be null if there is only one
 * @param partitions 1 to 1,000
 * @param retentionHours how long records stay; -1 for ever
 * @param retentionBytes how many bytes of a partition stay; -1 for all
 * @param segmentBytes how large a file of a partition gets
 * @param compression how records are compressed: none, gzip, snappy, lz4 or zstd
 * @param cleanupPolicy delete or compact
 * @param maxRecordBytes how large a record may be
 */
public record NewTopic(
    String name,
    String cluster,
    Integer partitions,
    Double retentionHours,
    Long retentionBytes,
    Long segmentBytes,
    String compression,
    String cleanupPolicy,
    Integer maxRecordBytes) {
  /** Checks that there is a name. */
  public NewTopic {
    Objects.requireNonNull(name, "name");
  }

  /**
   * A topic with that many partitions and the server's defaults.
   *
   * @param name its name
   * @param cluster the cluster's name; may be null if there is only one
   * @param partitions how many; may be null
   * @return the topic to be made
   */
  public static NewTopic of(String name, String cluster, Integer partitions) {
    return new NewTopic(name, cluster, partitions, null, null, null, null, null, null);
  }
}
