package io.ottla.broker.read;

import io.ottla.log.CorruptBatchException;
import io.ottla.log.RecordBatch;
import io.ottla.log.StoredRecord;
import java.util.List;
import java.util.function.Function;

/**
 * The records of one batch, decoded; shared by all who read it. Immutable but for {@link #form},
 * which any thread may ask for.
 */
public final class DecodedBatch {
  /** About what the objects around a record's bytes take. */
  private static final int RECORD_OVERHEAD_BYTES = 200;

  private static final long LARGE_BYTES = 1024 * 1024;

  private final long baseOffset;
  private final long nextOffset;
  private final List<StoredRecord> records;
  private final long contentBytes;
  private volatile Object form;

  private DecodedBatch(
      long baseOffset, long nextOffset, List<StoredRecord> records, long contentBytes) {
    this.baseOffset = baseOffset;
    this.nextOffset = nextOffset;
    this.records = records;
    this.contentBytes = contentBytes;
  }

  /** Decodes a batch; one of control records has none for readers. */
  static DecodedBatch of(RecordBatch batch) throws CorruptBatchException {
    List<StoredRecord> records = batch.isControl() ? List.of() : batch.records();
    long contentBytes = 0;
    for (StoredRecord record : records) {
      contentBytes += RecordCollector.sizeBytes(record);
    }
    return new DecodedBatch(batch.baseOffset(), batch.nextOffset(), records, contentBytes);
  }

  /** The first offset that it covers. */
  public long baseOffset() {
    return baseOffset;
  }

  /** The offset behind the last one that it covers. */
  public long nextOffset() {
    return nextOffset;
  }

  /** Its records, offsets growing; fewer than it has offsets if some were compacted away. */
  public List<StoredRecord> records() {
    return records;
  }

  /** Whether it is so large that only what is asked for should be made of it. */
  public boolean isLarge() {
    return contentBytes > LARGE_BYTES;
  }

  /** About what it takes, and what a form of it as text will. */
  long memoryBytes() {
    return (long) RECORD_OVERHEAD_BYTES * records.size() + (isLarge() ? 1 : 3) * contentBytes;
  }

  /**
   * What {@code make} makes of this batch, kept with it so that the next reader need not make it
   * again; not for a {@link #isLarge} one. There is one form per batch: everybody must ask for the
   * same. Two who ask at the same moment may both make it.
   */
  public <T> T form(Class<T> type, Function<DecodedBatch, T> make) {
    Object made = form;
    if (made == null) {
      made = make.apply(this);
      form = made;
    }
    return type.cast(made);
  }

  /** The index of the first record whose offset is that or a later one; their number if none is. */
  int indexOf(long offset) {
    int low = 0;
    int high = records.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (records.get(middle).offset() < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
