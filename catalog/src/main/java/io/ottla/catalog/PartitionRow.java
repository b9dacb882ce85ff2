package io.ottla.catalog;

import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * A row of {@code partitions}. Immutable.
 *
 * @param leaderBrokerId empty while there is no leader
 * @param replicas the brokers that hold a copy; a JSON array in SQL
 */
public record PartitionRow(
    UUID topicId,
    int partitionNumber,
    OptionalInt leaderBrokerId,
    List<Integer> replicas,
    long createdAtMs) {
  public PartitionRow {
    replicas = List.copyOf(replicas);
  }
}
