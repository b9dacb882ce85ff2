package io.ottla.broker.consume;

import io.ottla.broker.read.RecordRun;
import io.ottla.log.StoredRecord;
import java.util.List;

/**
 * A consumer's next events.
 *
 * @param revoking partitions that are to move to another member: this answer has none of their
 *     events
 * @param cursor behind all of its events
 * @param ids the cursors along its events; for one owner
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
    EventIds ids,
    List<Skipped> skipped) {

  /** A partition of a topic, by name. */
  public record TopicPartition(String topic, int partition) {}

  /** Records of one partition, in order. */
  public record PartitionRecords(TopicPartition partition, List<RecordRun> runs) {
    /** The records one by one. */
    public List<StoredRecord> records() {
      return RecordRun.records(runs);
    }

    /** The offset behind the last record. */
    public long nextOffset() {
      RecordRun last = runs.getLast();
      return last.batch().records().get(last.to() - 1).offset() + 1;
    }
  }

  /** Offsets {@code [fromOffset, toOffset)} were removed before they were read. */
  public record Skipped(TopicPartition partition, long fromOffset, long toOffset) {}
}
