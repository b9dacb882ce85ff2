package io.ottla.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Decodes the records of one batch; believes no length. One owner, used once. */
final class RecordDecoder {
  private static final int SMALLEST_RECORD_BYTES = 7;

  private final ByteBuffer plain;
  private final RecordBatch batch;

  /**
   * @param plain the decompressed records, read-only
   */
  RecordDecoder(ByteBuffer plain, RecordBatch batch) {
    this.plain = plain;
    this.batch = batch;
  }

  List<StoredRecord> decode() throws CorruptBatchException {
    int count = batch.recordCount();
    if ((long) count * SMALLEST_RECORD_BYTES > plain.remaining()) {
      throw new CorruptBatchException("%d records in %d bytes".formatted(count, plain.remaining()));
    }
    List<StoredRecord> records = new ArrayList<>(count);
    long previous = -1;
    for (int i = 0; i < count; i++) {
      int length = varint();
      if (length < 0 || length > plain.remaining()) {
        throw new CorruptBatchException("record %d has length %d".formatted(i, length));
      }
      int end = plain.position() + length;
      StoredRecord record = record();
      if (plain.position() != end) {
        throw new CorruptBatchException("record %d does not fill its length".formatted(i));
      }
      long delta = record.offset() - batch.baseOffset();
      if (delta <= previous || record.offset() > batch.lastOffset()) {
        throw new CorruptBatchException("record %d has offset delta %d".formatted(i, delta));
      }
      previous = delta;
      records.add(record);
    }
    if (plain.hasRemaining()) {
      throw new CorruptBatchException(plain.remaining() + " bytes behind the last record");
    }
    return records;
  }

  private StoredRecord record() throws CorruptBatchException {
    nextByte();
    long timestampMs = batch.baseTimestampMs() + varlong();
    long offset = batch.baseOffset() + varint();
    ByteBuffer key = bytesOrNull();
    ByteBuffer value = bytesOrNull();
    int headerCount = varint();
    if (headerCount < 0 || headerCount > plain.remaining()) {
      throw new CorruptBatchException(headerCount + " headers");
    }
    List<Header> headers = headerCount == 0 ? List.of() : headers(headerCount);
    return new StoredRecord(
        offset, batch.hasAppendTime() ? batch.maxTimestampMs() : timestampMs, key, value, headers);
  }

  private List<Header> headers(int count) throws CorruptBatchException {
    List<Header> headers = new ArrayList<>(Math.min(count, 64));
    for (int i = 0; i < count; i++) {
      ByteBuffer name = bytesOrNull();
      if (name == null) {
        throw new CorruptBatchException("a header without a name");
      }
      ByteBuffer value = bytesOrNull();
      headers.add(
          new Header(
              StandardCharsets.UTF_8.decode(name).toString(), value == null ? null : copy(value)));
    }
    return List.copyOf(headers);
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return copy;
  }

  private ByteBuffer bytesOrNull() throws CorruptBatchException {
    int length = varint();
    if (length < 0) {
      return null;
    }
    if (length > plain.remaining()) {
      throw new CorruptBatchException("a field of %d bytes is too long".formatted(length));
    }
    ByteBuffer view = plain.slice(plain.position(), length);
    plain.position(plain.position() + length);
    return view;
  }

  private int varint() throws CorruptBatchException {
    long value = varlong();
    if (value != (int) value) {
      throw new CorruptBatchException("a varint of more than 32 bits");
    }
    return (int) value;
  }

  private long varlong() throws CorruptBatchException {
    return Varint.read(plain);
  }

  private byte nextByte() throws CorruptBatchException {
    if (!plain.hasRemaining()) {
      throw new CorruptBatchException("the records end inside a record");
    }
    return plain.get();
  }
}
