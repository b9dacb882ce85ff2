package io.ottla.log;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The batches of a buffer, one after the other. */
public final class RecordBatches {
  private RecordBatches() {}

  /**
   * The batches in {@code [position, limit)}, as views. The iterator throws {@link
   * UncheckedIOException} around a {@link CorruptBatchException} where bytes are not a whole batch;
   * checksums are not verified. What {@link PartitionLog#read} gave never throws.
   */
  public static Iterable<RecordBatch> in(ByteBuffer bytes) {
    return () -> new BatchIterator(bytes.slice());
  }

  private static final class BatchIterator implements Iterator<RecordBatch> {
    private final ByteBuffer bytes;
    private int position;

    BatchIterator(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    @Override
    public boolean hasNext() {
      return position < bytes.limit();
    }

    @Override
    public RecordBatch next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try {
        int size = BatchFormat.sizeBytesAt(bytes, position);
        if (size == 0 || size > bytes.limit() - position) {
          throw new CorruptBatchException("the bytes end inside a batch");
        }
        RecordBatch batch = RecordBatch.wrap(bytes.slice(position, size));
        position += size;
        return batch;
      } catch (CorruptBatchException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
