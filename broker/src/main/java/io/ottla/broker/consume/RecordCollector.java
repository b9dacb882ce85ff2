package io.ottla.broker.consume;

import io.ottla.log.CorruptBatchException;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.StoredRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes records out of batches until an answer is full. The first record always fits. One owner at
 * a time.
 */
final class RecordCollector {
  /** About what a record's own fields take in an answer. */
  private static final int RECORD_OVERHEAD_BYTES = 64;

  private int eventsLeft;
  private long bytesLeft;
  private boolean empty = true;

  RecordCollector(FetchRequest.Limits limits) {
    eventsLeft = limits.maxEvents();
    bytesLeft = limits.maxBytes();
  }

  /**
   * What was taken.
   *
   * @param nextOffset where to go on
   */
  record Taken(List<StoredRecord> records, long nextOffset) {}

  boolean isFull() {
    return !empty && (eventsLeft <= 0 || bytesLeft <= 0);
  }

  boolean isEmpty() {
    return empty;
  }

  /** How many bytes are worth reading. */
  int wantedBytes() {
    return (int) Math.max(1, bytesLeft);
  }

  /** Takes the records from {@code offset} on, as many as fit. */
  Taken take(ByteBuffer batches, long offset) throws CorruptBatchException {
    List<StoredRecord> records = new ArrayList<>();
    long nextOffset = offset;
    for (RecordBatch batch : RecordBatches.in(batches)) {
      if (isFull()) {
        break;
      }
      if (!batch.isControl()) {
        for (StoredRecord record : batch.records()) {
          if (record.offset() < offset) {
            continue;
          }
          if (!fits(record)) {
            return new Taken(records, record.offset());
          }
          records.add(record);
        }
      }
      nextOffset = Math.max(nextOffset, batch.nextOffset());
    }
    return new Taken(records, nextOffset);
  }

  private boolean fits(StoredRecord record) {
    long sizeBytes =
        (long) RECORD_OVERHEAD_BYTES
            + (record.key() == null ? 0 : record.key().remaining())
            + (record.value() == null ? 0 : record.value().remaining());
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
}
