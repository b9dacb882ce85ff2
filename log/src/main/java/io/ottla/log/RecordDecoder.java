package io.ottla.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes the records of one batch; believes no length. One owner, used once. Works on an array: it
 * is a large part of what reading costs.
 */
final class RecordDecoder {
  private static final int SMALLEST_RECORD_BYTES = 7;

  private final RecordBatch batch;
  private final byte[] bytes;
  private final int end;
  private int at;

  /** All of {@code bytes}, read-only: keys and values are slices of it. */
  private final ByteBuffer views;

  /**
   * @param plain the decompressed records; not changed, and not to be changed by anybody
   */
  RecordDecoder(ByteBuffer plain, RecordBatch batch) {
    this.batch = batch;
    if (plain.hasArray()) {
      this.bytes = plain.array();
      this.at = plain.arrayOffset() + plain.position();
    } else {
      this.bytes = new byte[plain.remaining()];
      plain.get(plain.position(), bytes);
    }
    this.end = at + plain.remaining();
    this.views = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  List<StoredRecord> decode() throws CorruptBatchException {
    int count = batch.recordCount();
    if ((long) count * SMALLEST_RECORD_BYTES > end - at) {
      throw new CorruptBatchException("%d records in %d bytes".formatted(count, end - at));
    }
    long baseOffset = batch.baseOffset();
    long lastOffset = batch.lastOffset();
    long baseTimestampMs = batch.baseTimestampMs();
    boolean hasAppendTime = batch.hasAppendTime();
    List<StoredRecord> records = new ArrayList<>(count);
    long previous = baseOffset - 1;
    for (int i = 0; i < count; i++) {
      int length = varint();
      if (length < 0 || length > end - at) {
        throw new CorruptBatchException("record %d has length %d".formatted(i, length));
      }
      int recordEnd = at + length;
      nextByte();
      long timestampMs = baseTimestampMs + varlong();
      long offset = baseOffset + varint();
      ByteBuffer key = bytesOrNull();
      ByteBuffer value = bytesOrNull();
      List<Header> headers = headers();
      if (at != recordEnd) {
        throw new CorruptBatchException("record %d does not fill its length".formatted(i));
      }
      if (offset <= previous || offset > lastOffset) {
        throw new CorruptBatchException(
            "record %d has offset delta %d".formatted(i, offset - baseOffset));
      }
      previous = offset;
      long timeMs = hasAppendTime ? batch.maxTimestampMs() : timestampMs;
      records.add(new StoredRecord(offset, timeMs, key, value, headers));
    }
    if (at != end) {
      throw new CorruptBatchException(end - at + " bytes behind the last record");
    }
    return records;
  }

  private List<Header> headers() throws CorruptBatchException {
    int count = varint();
    if (count < 0 || count > end - at) {
      throw new CorruptBatchException(count + " headers");
    }
    if (count == 0) {
      return List.of();
    }
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
    if (length > end - at) {
      throw new CorruptBatchException("a field of %d bytes is too long".formatted(length));
    }
    ByteBuffer view = views.slice(at, length);
    at += length;
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
    byte first = nextByte();
    if (first >= 0) {
      return (first >>> 1) ^ -(first & 1L);
    }
    long raw = first & 0x7f;
    for (int shift = 7; shift < 64; shift += 7) {
      byte next = nextByte();
      raw |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw new CorruptBatchException("a varint of more than 64 bits");
  }

  private byte nextByte() throws CorruptBatchException {
    if (at >= end) {
      throw new CorruptBatchException("the records end inside a record");
    }
    return bytes[at++];
  }
}
