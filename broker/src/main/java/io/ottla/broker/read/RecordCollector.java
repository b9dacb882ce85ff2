package io.ottla.broker.read;

import io.ottla.log.StoredRecord;

/**
 * Says how many of the next records an answer still has room for. The first record always fits. One
 * owner at a time.
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

  /** Whether nothing more fits. */
  public boolean isFull() {
    return !empty && (eventsLeft <= 0 || bytesLeft <= 0);
  }

  /** Whether nothing was taken yet. */
  public boolean isEmpty() {
    return empty;
  }

  /** How many bytes are worth reading. */
  int wantedBytes() {
    return (int) Math.max(1, bytesLeft);
  }

  /**
   * Takes a batch's records from {@code from} on, as many as fit.
   *
   * @return behind the last one that was taken
   */
  int take(DecodedBatch batch, int from) {
    int to = from;
    while (to < batch.records().size() && fits(batch.records().get(to))) {
      to++;
    }
    return to;
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
