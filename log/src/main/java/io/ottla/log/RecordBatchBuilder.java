package io.ottla.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Makes record batches, one after the other, in buffers that it keeps. One owner at a time.
 *
 * <p>Appending allocates nothing but the buffers' growth.
 */
public final class RecordBatchBuilder {
  /** Fewer bytes of records are not worth compressing. */
  public static final int COMPRESS_FROM_BYTES = 4 * 1024;

  private static final int INITIAL_BYTES = 1024;

  /** The times of a batch without records, as Kafka has it. */
  private static final long NO_TIMESTAMP = -1;

  /** Attributes, and the most that a timestamp's and an offset's delta and the length may take. */
  private static final int FIXED_RECORD_BYTES = 1 + 10 + 5 + 5;

  private final Compression compression;
  private final GrowingBytes plain = new GrowingBytes(INITIAL_BYTES, Integer.MAX_VALUE);
  private GrowingBytes compressed;
  private int recordCount;
  private long baseTimestampMs;
  private long maxTimestampMs;

  public RecordBatchBuilder(Compression compression) {
    this.compression = compression;
    clear();
  }

  /** Forgets what was appended. */
  public void clear() {
    plain.setLength(BatchFormat.HEADER_BYTES);
    recordCount = 0;
    baseTimestampMs = NO_TIMESTAMP;
    maxTimestampMs = NO_TIMESTAMP;
  }

  /**
   * Adds a record. The buffers' positions are left alone and their bytes copied.
   *
   * @param key nullable
   * @param value nullable: a tombstone
   * @return its index within the batch, which added to the batch's base offset gives its offset
   * @throws IllegalStateException if the records would take more than {@link
   *     RecordBatch#MAX_UNCOMPRESSED_BYTES}
   */
  public int append(long timestampMs, ByteBuffer key, ByteBuffer value, List<Header> headers) {
    append(recordCount, timestampMs, key, value, headers);
    return recordCount - 1;
  }

  /**
   * Adds a record at a place of its own, for {@link #buildOver}.
   *
   * @param offsetDelta more than the last one's
   */
  void append(
      int offsetDelta, long timestampMs, ByteBuffer key, ByteBuffer value, List<Header> headers) {
    if (recordCount == 0) {
      baseTimestampMs = timestampMs;
      maxTimestampMs = timestampMs;
    }
    long timestampDelta = timestampMs - baseTimestampMs;
    int bodyBytes =
        1
            + Varint.sizeBytes(timestampDelta)
            + Varint.sizeBytes(offsetDelta)
            + fieldsSizeBytes(key, value, headers);
    int totalBytes = Varint.sizeBytes(bodyBytes) + bodyBytes;
    if (totalBytes > RecordBatch.MAX_UNCOMPRESSED_BYTES - uncompressedSizeBytes()) {
      throw new IllegalStateException("the batch would be too large to decode");
    }
    int start = plain.length();
    byte[] array = plain.reserve(totalBytes);
    int at = Varint.put(array, start, bodyBytes);
    array[at++] = 0;
    at = Varint.put(array, at, timestampDelta);
    at = Varint.put(array, at, offsetDelta);
    at = put(array, at, key);
    at = put(array, at, value);
    at = putHeaders(array, at, headers);
    plain.setLength(at);
    maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
    recordCount++;
  }

  public int recordCount() {
    return recordCount;
  }

  /** Bytes of the records so far, before compression and without the batch's header. */
  public int uncompressedSizeBytes() {
    return plain.length() - BatchFormat.HEADER_BYTES;
  }

  /**
   * The finished batch: base offset 0, leader epoch -1, without a producer. Compressed only if its
   * records take more than {@link #COMPRESS_FROM_BYTES} and get smaller. The bytes are the
   * caller's; the builder is empty again.
   *
   * @throws IllegalStateException if there are no records
   */
  public ByteBuffer build() {
    if (recordCount == 0) {
      throw new IllegalStateException("a batch without records");
    }
    return buildOver(recordCount);
  }

  /**
   * The same for a batch that holds that many offsets, of which only some have records: none,
   * perhaps. Its times are -1 then.
   */
  ByteBuffer buildOver(int offsetCount) {
    GrowingBytes finished = plain;
    Compression used = Compression.NONE;
    int records = uncompressedSizeBytes();
    if (compression != Compression.NONE && records > COMPRESS_FROM_BYTES) {
      compress(records);
      if (compressed.length() < plain.length()) {
        finished = compressed;
        used = compression;
      }
    }
    ByteBuffer batch = ByteBuffer.allocate(finished.length());
    batch.put(finished.array(), 0, finished.length()).flip();
    writeHeader(batch, used, offsetCount - 1);
    clear();
    return batch;
  }

  /**
   * The most that a record with these fields takes in a batch, before compression: exact but for
   * what its place and time in the batch take, for which the largest is assumed.
   */
  public static int recordSizeBytes(ByteBuffer key, ByteBuffer value, List<Header> headers) {
    return FIXED_RECORD_BYTES + fieldsSizeBytes(key, value, headers);
  }

  private void compress(int recordsBytes) {
    if (compressed == null) {
      compressed = new GrowingBytes(recordsBytes / 2, Integer.MAX_VALUE);
    }
    compressed.setLength(0);
    compressed.reserve(BatchFormat.HEADER_BYTES);
    compressed.setLength(BatchFormat.HEADER_BYTES);
    Codec.of(compression)
        .compress(plain.array(), BatchFormat.HEADER_BYTES, recordsBytes, compressed);
  }

  private void writeHeader(ByteBuffer batch, Compression used, int lastOffsetDelta) {
    batch.putLong(BatchFormat.BASE_OFFSET, 0);
    batch.putInt(BatchFormat.LENGTH, batch.limit() - BatchFormat.LENGTH_OVERHEAD);
    batch.putInt(BatchFormat.LEADER_EPOCH, -1);
    batch.put(BatchFormat.MAGIC, BatchFormat.CURRENT_MAGIC);
    batch.putShort(BatchFormat.ATTRIBUTES, (short) used.id());
    batch.putInt(BatchFormat.LAST_OFFSET_DELTA, lastOffsetDelta);
    batch.putLong(BatchFormat.BASE_TIMESTAMP, baseTimestampMs);
    batch.putLong(BatchFormat.MAX_TIMESTAMP, maxTimestampMs);
    batch.putLong(BatchFormat.PRODUCER_ID, -1);
    batch.putShort(BatchFormat.PRODUCER_EPOCH, (short) -1);
    batch.putInt(BatchFormat.BASE_SEQUENCE, -1);
    batch.putInt(BatchFormat.RECORD_COUNT, recordCount);
    batch.putInt(BatchFormat.CRC, RecordBatch.checksum(batch, 0, batch.limit()));
  }

  private static int fieldsSizeBytes(ByteBuffer key, ByteBuffer value, List<Header> headers) {
    int size = sizeBytes(key) + sizeBytes(value) + Varint.sizeBytes(headers.size());
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      int nameBytes = Utf8.sizeBytes(header.name());
      size += Varint.sizeBytes(nameBytes) + nameBytes;
      int valueBytes = header.value() == null ? -1 : header.value().length;
      size += Varint.sizeBytes(valueBytes) + Math.max(0, valueBytes);
    }
    return size;
  }

  private static int sizeBytes(ByteBuffer field) {
    return field == null
        ? Varint.sizeBytes(-1)
        : Varint.sizeBytes(field.remaining()) + field.remaining();
  }

  private static int put(byte[] array, int start, ByteBuffer field) {
    if (field == null) {
      return Varint.put(array, start, -1);
    }
    int length = field.remaining();
    int at = Varint.put(array, start, length);
    field.get(field.position(), array, at, length);
    return at + length;
  }

  private static int putHeaders(byte[] array, int start, List<Header> headers) {
    int at = Varint.put(array, start, headers.size());
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      at = Varint.put(array, at, Utf8.sizeBytes(header.name()));
      at = Utf8.put(array, at, header.name());
      byte[] value = header.value();
      if (value == null) {
        at = Varint.put(array, at, -1);
      } else {
        at = Varint.put(array, at, value.length);
        System.arraycopy(value, 0, array, at, value.length);
        at += value.length;
      }
    }
    return at;
  }

  /** Header names; nearly always ASCII, which takes no copy. */
  private static final class Utf8 {
    static int sizeBytes(String text) {
      return isAscii(text) ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
    }

    static int put(byte[] array, int start, String text) {
      if (!isAscii(text)) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, array, start, bytes.length);
        return start + bytes.length;
      }
      for (int i = 0; i < text.length(); i++) {
        array[start + i] = (byte) text.charAt(i);
      }
      return start + text.length();
    }

    private static boolean isAscii(String text) {
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) >= 0x80) {
          return false;
        }
      }
      return true;
    }
  }
}
