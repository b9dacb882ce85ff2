package io.ottla.broker.read;

import io.ottla.log.StoredRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive records of one batch: those with the indexes {@code [from, to)}. Immutable.
 *
 * @param from inclusive
 * @param to exclusive, more than {@code from}
 */
public record RecordRun(DecodedBatch batch, int from, int to) {
  /** The records. */
  public List<StoredRecord> records() {
    return batch.records().subList(from, to);
  }

  /** The records of runs, one after the other. */
  public static List<StoredRecord> records(List<RecordRun> runs) {
    List<StoredRecord> records = new ArrayList<>();
    for (RecordRun run : runs) {
      records.addAll(run.records());
    }
    return records;
  }
}
