package io.ottla.replication.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * Reads entries from the bytes of a journal file. Stateless.
 *
 * <h2>Bytes of a journal file (Ratis' format)</h2>
 *
 * <pre>{@code
 * "RaftLog1" | entry | entry | … ;  entry = length varint | LogEntryProto | crc32c i32 of both
 * LogEntryProto: term, index, then of a state machine's entry first the bytes of its Envelope
 * }</pre>
 */
final class Entries {
  static final byte[] MAGIC = "RaftLog1".getBytes(StandardCharsets.US_ASCII);

  /** The largest entry with its frame: a length above it is damage. */
  static final int MAX_LENGTH = JournalScan.ENTRY_LIMIT_BYTES + 1024;

  private static final byte TERM_TAG = 0x08;
  private static final byte INDEX_TAG = 0x10;
  private static final byte STATE_MACHINE_ENTRY_TAG = 0x1a;
  private static final byte LOG_DATA_TAG = 0x0a;

  private Entries() {}

  /**
   * An intact entry.
   *
   * @param envelopeVersion 0 if it has no envelope: a configuration
   * @param commitIndex what its leader knew to be committed, -1 without an envelope
   * @param nextPosition where the next one begins
   */
  record Found(
      long term,
      long index,
      byte envelopeVersion,
      OptionalLong stamp,
      long commitIndex,
      int nextPosition) {}

  /**
   * What is looked for; cheap to check, before the checksum is.
   *
   * @param leastIndex inclusive
   * @param mostIndex inclusive
   * @param leastTerm inclusive
   * @param mostTerm inclusive
   * @param stamp its stamp, if it must have a certain one
   */
  record Wanted(
      long leastIndex, long mostIndex, long leastTerm, long mostTerm, OptionalLong stamp) {
    static Wanted index(long index) {
      return new Wanted(index, index, 0, Long.MAX_VALUE, OptionalLong.empty());
    }

    private boolean isMetBy(Found found) {
      return found.index() >= leastIndex
          && found.index() <= mostIndex
          && found.term() >= leastTerm
          && found.term() <= mostTerm
          && (stamp.isEmpty() || stamp.equals(found.stamp()));
    }
  }

  static boolean startWithMagic(byte[] bytes) {
    return bytes.length >= MAGIC.length
        && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** The intact entry at this position, if it is what is wanted. */
  static Optional<Found> at(byte[] bytes, int position, Wanted wanted) {
    return beginAt(bytes, position, wanted).filter(found -> isIntact(bytes, position, found));
  }

  /** What begins like the entry that is wanted; only the checksum can tell whether it is one. */
  static Optional<Found> beginAt(byte[] bytes, int position, Wanted wanted) {
    Cursor in = new Cursor(bytes, position);
    int length = lengthAt(in);
    if (length <= 0 || in.position + (long) length + Integer.BYTES > bytes.length) {
      return Optional.empty();
    }
    return Optional.ofNullable(header(in, in.position + length)).filter(wanted::isMetBy);
  }

  /** Whether the checksum fits. */
  static boolean isIntact(byte[] bytes, int position, Found found) {
    int end = found.nextPosition() - Integer.BYTES;
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, position, end - position);
    return ByteBuffer.wrap(bytes).getInt(end) == (int) checksum.getValue();
  }

  /**
   * Where the entry at this position would end by its length, be it damaged or not; the position
   * itself if that is no length.
   */
  static int plausibleEnd(byte[] bytes, int position) {
    Cursor in = new Cursor(bytes, position);
    int length = lengthAt(in);
    return length <= 0
        ? position
        : (int) Math.min(bytes.length, in.position + (long) length + Integer.BYTES);
  }

  private static int lengthAt(Cursor in) {
    long length = in.varint();
    return length <= 0 || length > MAX_LENGTH ? 0 : (int) length;
  }

  /** Null when these are not the first bytes of an entry. Numbers of 0 are not written. */
  private static Found header(Cursor in, int end) {
    if (!in.take(TERM_TAG)) {
      return null;
    }
    long term = in.varint();
    long index = in.take(INDEX_TAG) ? in.varint() : 0;
    if (term < 0 || index < 0) {
      return null;
    }
    int next = end + Integer.BYTES;
    if (in.take(STATE_MACHINE_ENTRY_TAG) && in.varint() > 0 && in.take(LOG_DATA_TAG)) {
      long dataBytes = in.varint();
      int at = in.position;
      byte version = at < end ? in.bytes[at] : 0;
      int headerBytes = Envelope.headerBytes(version);
      if (headerBytes > 0 && dataBytes >= headerBytes && dataBytes <= end - at) {
        ByteBuffer data = ByteBuffer.wrap(in.bytes);
        OptionalLong stamp =
            version == Envelope.VERSION
                ? OptionalLong.of(data.getLong(at + Envelope.HEADER_BYTES_V1))
                : OptionalLong.empty();
        return new Found(term, index, version, stamp, data.getLong(at + 1 + Long.BYTES), next);
      }
    }
    return new Found(term, index, (byte) 0, OptionalLong.empty(), -1, next);
  }

  /** Reads numbers one after the other; -1 where there is none. */
  private static final class Cursor {
    final byte[] bytes;
    int position;

    Cursor(byte[] bytes, int position) {
      this.bytes = bytes;
      this.position = position;
    }

    boolean take(byte tag) {
      if (position < bytes.length && bytes[position] == tag) {
        position++;
        return true;
      }
      return false;
    }

    long varint() {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE && position < bytes.length; shift += 7) {
        byte next = bytes[position++];
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      return -1;
    }
  }
}
