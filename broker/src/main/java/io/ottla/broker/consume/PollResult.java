package io.ottla.broker.consume;

import io.ottla.log.StoredRecord;
import java.util.List;

/**
 * A consumer's next events.
 *
 * @param revoking partitions that are to move to another member: this answer has none of their
 *     events
 * @param skipped where the position had fallen below the start offset
 */
public record PollResult(
    long consumerId,
    String group,
    int generation,
    List<TopicPartition> assignment,
    List<TopicPartition> revoking,
    List<PartitionRecords> records,
    String cursor,
    List<Skipped> skipped) {

  /** A partition of a topic, by name. */
  public record TopicPartition(String topic, int partition) {}

  /** Records of one partition, in order. */
  public record PartitionRecords(TopicPartition partition, List<StoredRecord> records) {}

  /** Offsets {@code [fromOffset, toOffset)} were removed before they were read. */
  public record Skipped(TopicPartition partition, long fromOffset, long toOffset) {}
}
