package io.ottla.broker.read;

import io.ottla.log.StoredRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes records out of batches until an answer is full. The first record always fits. One owner at
 * a time.
 */
public final class RecordCollector {
  /** About what a record's own fields take in an answer. */
  private static final int RECORD_OVERHEAD_BYTES = 64;

  private int eventsLeft;
  private long bytesLeft;
  private boolean empty = true;

  /** An empty one; the first record fits whatever its size. */
  public RecordCollector(int maxEvents, int maxBytes) {
    eventsLeft = maxEvents;
    bytesLeft = maxBytes;
  }

  /**
   * What was taken.
   *
   * @param nextOffset where to go on
   */
  public record Taken(List<RecordRun> runs, long nextOffset) {}

  /** Whether nothing more fits. */
  public boolean isFull() {
    return !empty && (eventsLeft <= 0 || bytesLeft <= 0);
  }

  /** Whether nothing was taken yet. */
  public boolean isEmpty() {
    return empty;
  }

  /** How many bytes are worth reading. */
  public int wantedBytes() {
    return (int) Math.max(1, bytesLeft);
  }

  /** Takes the records from {@code offset} on, as many as fit. */
  public Taken take(List<DecodedBatch> batches, long offset) {
    List<RecordRun> runs = new ArrayList<>(batches.size());
    long nextOffset = offset;
    for (DecodedBatch batch : batches) {
      if (isFull()) {
        break;
      }
      int from = batch.indexOf(offset);
      int to = from;
      while (to < batch.records().size() && fits(batch.records().get(to))) {
        to++;
      }
      if (to > from) {
        runs.add(new RecordRun(batch, from, to));
      }
      if (to < batch.records().size()) {
        return new Taken(runs, batch.records().get(to).offset());
      }
      nextOffset = Math.max(nextOffset, batch.nextOffset());
    }
    return new Taken(runs, nextOffset);
  }

  private boolean fits(StoredRecord record) {
    long sizeBytes = RECORD_OVERHEAD_BYTES + sizeBytes(record);
    if (!empty && (eventsLeft < 1 || bytesLeft < sizeBytes)) {
      eventsLeft = Math.min(eventsLeft, 0);
      bytesLeft = 0;
      return false;
    }
    empty = false;
    eventsLeft--;
    bytesLeft -= sizeBytes;
    return true;
  }

  /** The bytes of its key and value. */
  static long sizeBytes(StoredRecord record) {
    return (record.key() == null ? 0L : record.key().remaining())
        + (record.value() == null ? 0L : record.value().remaining());
  }
}
