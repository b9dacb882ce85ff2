package io.ottla.client;

import java.util.List;

/**
 * A partition as the server tells of it. Immutable.
 *
 * @param partition its number
 * @param leader the broker that decides the order of its records; null if it has none
 * @param replicas the brokers that hold it, the preferred leader first
 * @param startOffset of the first record that is there
 * @param endOffset of the next record that will come
 * @param replicaDetails what the brokers have of it; empty where the server gives no details
 */
public record PartitionDescription(
    int partition,
    Integer leader,
    List<Integer> replicas,
    long startOffset,
    long endOffset,
    List<Replica> replicaDetails) {

  /**
   * What one broker has of a partition. Immutable.
   *
   * @param broker the broker's number
   * @param directory where its files are, below the server's data directory
   * @param startOffset of the first record that it has
   * @param endOffset of the next record that it will have
   * @param sizeBytes of its files
   */
  public record Replica(
      int broker, String directory, long startOffset, long endOffset, long sizeBytes) {
    private static Replica of(Fields fields) {
      return new Replica(
          fields.integer("broker"),
          fields.text("directory"),
          fields.number("start_offset"),
          fields.number("end_offset"),
          fields.number("size_bytes"));
    }
  }

  static PartitionDescription of(Fields fields) {
    Long leader = fields.optionalNumber("leader");
    return new PartitionDescription(
        fields.integer("partition"),
        leader == null ? null : Math.toIntExact(leader),
        fields.integers("replicas"),
        fields.number("start_offset"),
        fields.number("end_offset"),
        fields.objects("replica_details", Replica::of));
  }
}
