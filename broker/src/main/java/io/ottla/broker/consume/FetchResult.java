package io.ottla.broker.consume;

import io.ottla.broker.read.RecordRun;
import io.ottla.log.StoredRecord;
import java.util.List;

/**
 * Records of one partition.
 *
 * @param startOffset where the read began
 * @param nextOffset where the next read goes on; never offset + 1, as a partition may have gaps
 * @param fromLeader false: no leader is ready, and the most advanced sure replica answered
 */
public record FetchResult(
    String topic,
    int partition,
    List<RecordRun> runs,
    long startOffset,
    long nextOffset,
    long endOffset,
    boolean fromLeader) {
  /** The records one by one. */
  public List<StoredRecord> records() {
    return RecordRun.records(runs);
  }
}
