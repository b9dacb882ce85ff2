package io.ottla.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A view on the bytes of exactly one record batch v2 ({@link BatchFormat} draws them). Immutable as
 * long as nobody changes the bytes; thread-safe.
 *
 * <p>{@link #wrap} checks that the lengths fit; only {@link #verifyChecksum} says that the bytes
 * are the ones that were written.
 */
public final class RecordBatch {
  /**
   * What a batch's records may take decompressed; the builder never makes, decoding never takes
   * more.
   */
  public static final int MAX_UNCOMPRESSED_BYTES = 32 * 1024 * 1024;

  /** What a whole batch may take as it is stored; a longer one is taken for damage. */
  public static final int MAX_BYTES = BatchFormat.MAX_BATCH_BYTES;

  private static final Compression[] COMPRESSIONS = Compression.values();

  private final ByteBuffer bytes;

  private RecordBatch(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** A view on {@code [position, limit)}, which must be one batch; nothing is copied. */
  public static RecordBatch wrap(ByteBuffer bytes) throws CorruptBatchException {
    ByteBuffer view = bytes.slice();
    int size = BatchFormat.sizeBytesAt(view, 0);
    if (size == 0 || size != view.limit()) {
      throw new CorruptBatchException(
          "a batch of %d bytes in %d bytes".formatted(size, view.limit()));
    }
    int compression = view.getShort(BatchFormat.ATTRIBUTES) & BatchFormat.COMPRESSION_MASK;
    if (compression >= COMPRESSIONS.length) {
      throw new CorruptBatchException("unknown compression " + compression);
    }
    int lastOffsetDelta = view.getInt(BatchFormat.LAST_OFFSET_DELTA);
    int count = view.getInt(BatchFormat.RECORD_COUNT);
    if (lastOffsetDelta < 0 || count < 0 || count > lastOffsetDelta + 1L) {
      throw new CorruptBatchException(
          "%d records in %d offsets".formatted(count, lastOffsetDelta + 1L));
    }
    return new RecordBatch(view);
  }

  public long baseOffset() {
    return bytes.getLong(BatchFormat.BASE_OFFSET);
  }

  /** Inclusive. */
  public long lastOffset() {
    return baseOffset() + bytes.getInt(BatchFormat.LAST_OFFSET_DELTA);
  }

  /** The offset behind the last one. */
  public long nextOffset() {
    return lastOffset() + 1;
  }

  /** The term of the leader that appended it; -1 before that. */
  public int leaderEpoch() {
    return bytes.getInt(BatchFormat.LEADER_EPOCH);
  }

  /** Records present; compaction may leave fewer than there are offsets. */
  public int recordCount() {
    return bytes.getInt(BatchFormat.RECORD_COUNT);
  }

  public int sizeBytes() {
    return bytes.limit();
  }

  public Compression compression() {
    return COMPRESSIONS[attributes() & BatchFormat.COMPRESSION_MASK];
  }

  /** The first record's time. */
  public long baseTimestampMs() {
    return bytes.getLong(BatchFormat.BASE_TIMESTAMP);
  }

  /** The largest time of its records. */
  public long maxTimestampMs() {
    return bytes.getLong(BatchFormat.MAX_TIMESTAMP);
  }

  /** -1 if there is none. */
  public long producerId() {
    return bytes.getLong(BatchFormat.PRODUCER_ID);
  }

  public short producerEpoch() {
    return bytes.getShort(BatchFormat.PRODUCER_EPOCH);
  }

  /** -1 if there is none. */
  public int baseSequence() {
    return bytes.getInt(BatchFormat.BASE_SEQUENCE);
  }

  public boolean isTransactional() {
    return (attributes() & BatchFormat.TRANSACTIONAL_FLAG) != 0;
  }

  public boolean isControl() {
    return (attributes() & BatchFormat.CONTROL_FLAG) != 0;
  }

  /** Compares the stored CRC32C with the bytes. */
  public void verifyChecksum() throws CorruptBatchException {
    int stored = bytes.getInt(BatchFormat.CRC);
    int computed = checksum(bytes, 0, bytes.limit());
    if (stored != computed) {
      throw new CorruptBatchException(
          "checksum is %08x, stored is %08x".formatted(computed, stored));
    }
  }

  /** The whole batch, read-only. */
  public ByteBuffer bytes() {
    return bytes.asReadOnlyBuffer();
  }

  /**
   * Its records, decompressed. Keys and values are views: on this batch's bytes if it is not
   * compressed.
   *
   * @throws CorruptBatchException if they cannot be decoded or would take more than {@link
   *     #MAX_UNCOMPRESSED_BYTES}; call {@link #verifyChecksum} first to know damage from malice
   */
  public List<StoredRecord> records() throws CorruptBatchException {
    ByteBuffer stored =
        bytes.slice(BatchFormat.HEADER_BYTES, bytes.limit() - BatchFormat.HEADER_BYTES);
    ByteBuffer plain = Codec.of(compression()).decompress(stored, MAX_UNCOMPRESSED_BYTES);
    return new RecordDecoder(plain, this).decode();
  }

  /** Whether every record's time is {@link #maxTimestampMs}. */
  boolean hasAppendTime() {
    return (attributes() & BatchFormat.APPEND_TIME_FLAG) != 0;
  }

  /** CRC32C of the batch in {@code [start, end)}. */
  static int checksum(ByteBuffer bytes, int start, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(start + BatchFormat.ATTRIBUTES, end - start - BatchFormat.ATTRIBUTES));
    return (int) crc.getValue();
  }

  private short attributes() {
    return bytes.getShort(BatchFormat.ATTRIBUTES);
  }
}
