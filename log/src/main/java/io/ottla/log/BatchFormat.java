package io.ottla.log;

import java.nio.ByteBuffer;

/**
 * Where the fields of a record batch v2 lie. Numbers are big-endian.
 *
 * <pre>{@code
 * position  bytes  field
 *        0      8  baseOffset              set when the batch is appended
 *        8      4  batchLength             bytes that follow this field
 *       12      4  partitionLeaderEpoch    set when the batch is appended
 *       16      1  magic                   2
 *       17      4  crc                     CRC32C of everything from `attributes` to the end
 *       21      2  attributes              bits 0-2 compression, 3 time of appending, 4 transactional, 5 control
 *       23      4  lastOffsetDelta
 *       27      8  baseTimestamp           of the first record
 *       35      8  maxTimestamp
 *       43      8  producerId              -1: none
 *       51      2  producerEpoch
 *       53      4  baseSequence
 *       57      4  recordCount
 *       61      …  records, compressed as a whole
 *
 * record: varint length | attributes (1) | varint timestampDelta | varint offsetDelta
 *         | varint keyLength (-1: null) key | varint valueLength value
 *         | varint headerCount, each: varint nameLength name | varint valueLength value
 * }</pre>
 *
 * <p>Source: Kafka's protocol guide, "Record Batch". Varints are zigzag, as Protocol Buffers' sint.
 */
final class BatchFormat {
  static final int BASE_OFFSET = 0;
  static final int LENGTH = 8;
  static final int LEADER_EPOCH = 12;
  static final int MAGIC = 16;
  static final int CRC = 17;
  static final int ATTRIBUTES = 21;
  static final int LAST_OFFSET_DELTA = 23;
  static final int BASE_TIMESTAMP = 27;
  static final int MAX_TIMESTAMP = 35;
  static final int PRODUCER_ID = 43;
  static final int PRODUCER_EPOCH = 51;
  static final int BASE_SEQUENCE = 53;
  static final int RECORD_COUNT = 57;
  static final int HEADER_BYTES = 61;

  /** Bytes in front of what {@code batchLength} counts. */
  static final int LENGTH_OVERHEAD = 12;

  /**
   * The largest batch that is stored: no entry of a journal holds so much, and no compaction makes
   * more. A length beyond it is damage: no memory is taken for it.
   */
  static final int MAX_BATCH_BYTES = 4 << 20;

  static final byte CURRENT_MAGIC = 2;
  static final int COMPRESSION_MASK = 0x07;
  static final int APPEND_TIME_FLAG = 0x08;
  static final int TRANSACTIONAL_FLAG = 0x10;
  static final int CONTROL_FLAG = 0x20;

  private BatchFormat() {}

  /**
   * The size of the batch that starts at {@code position}.
   *
   * @return 0 if fewer bytes than a header are there
   */
  static int sizeBytesAt(ByteBuffer bytes, int position) throws CorruptBatchException {
    if (bytes.limit() - position < HEADER_BYTES) {
      return 0;
    }
    int length = bytes.getInt(position + LENGTH);
    if (length < HEADER_BYTES - LENGTH_OVERHEAD || length > MAX_BATCH_BYTES - LENGTH_OVERHEAD) {
      throw new CorruptBatchException("batch length %d is impossible".formatted(length));
    }
    byte magic = bytes.get(position + MAGIC);
    if (magic != CURRENT_MAGIC) {
      throw new CorruptBatchException("magic is %d, not 2".formatted(magic));
    }
    return length + LENGTH_OVERHEAD;
  }
}
