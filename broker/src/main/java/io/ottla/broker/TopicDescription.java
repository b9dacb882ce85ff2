package io.ottla.broker;

import io.ottla.metadata.TopicConfig;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/** A topic as its users see it. Immutable. */
public record TopicDescription(
    UUID topicId,
    String name,
    String cluster,
    TopicConfig config,
    boolean internal,
    long createdAtMs,
    List<PartitionDescription> partitions) {

  /**
   * One partition.
   *
   * @param leader its leader's broker; empty while there is none
   * @param startOffset inclusive, of the most advanced replica
   * @param endOffset exclusive
   */
  public record PartitionDescription(
      int partition,
      OptionalInt leader,
      List<Integer> replicas,
      long startOffset,
      long endOffset,
      List<ReplicaDescription> replicaDetails) {}

  /**
   * One replica of a partition on a running broker.
   *
   * @param directory relative to the data directory
   */
  public record ReplicaDescription(
      int broker, String directory, long startOffset, long endOffset, long sizeBytes) {}
}
