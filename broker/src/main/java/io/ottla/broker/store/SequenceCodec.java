package io.ottla.broker.store;

import io.ottla.broker.store.ProducerClaim.Mark;
import java.nio.ByteBuffer;

/**
 * What a partition has of a run of sequences, as bytes: each is told by how it differs from the one
 * before. Stateless; a {@link Reader} has one owner at a time.
 *
 * <pre>{@code
 * byte flags | [sequence] | [line] | long checksum | [firstOffset] | [span] | [count] | [timestampMs]
 * flag 1   sequence is the last one + 1      else varint of its distance to that
 *      2   line is count - 1                 else varint of line
 *      4   firstOffset is behind the last    else varint of its distance to that
 *          one's lastOffset
 *      8   lastOffset - firstOffset is       else varint of it
 *          count - 1
 *      16  count is 1                        else varint of it
 *      32  timestampMs is the last one's     else varint of its distance to that
 * varint   zigzag, 7 bits a byte, lowest first: small numbers of either sign take one byte
 * }</pre>
 *
 * Before the first one of a run stand sequence -1, lastOffset -1 and time 0. All arithmetic wraps
 * around, so every value comes back. A request of one event takes 10 to 15 bytes as a rule.
 */
final class SequenceCodec {
  /** The most that one sequence takes. */
  static final int MOST_BYTES = 1 + Long.BYTES + 6 * 10;

  private static final int NEXT_SEQUENCE = 1;
  private static final int LINE_IS_LAST = 2;
  private static final int NEXT_OFFSET = 4;
  private static final int NO_GAPS = 8;
  private static final int ONE_EVENT = 16;
  private static final int SAME_TIME = 32;
  private static final int ALL_FLAGS = 63;

  private SequenceCodec() {}

  /** What the next sequence of a run is told against. Immutable. */
  record Before(long sequence, long nextOffset, long timestampMs) {
    /** Before the first one. */
    static final Before NOTHING = new Before(-1, 0, 0);

    static Before of(long sequence, SequenceProgress progress) {
      return new Before(sequence, progress.lastOffset() + 1, progress.timestampMs());
    }
  }

  /** Writes one sequence; {@code out} has {@link #MOST_BYTES} of room. */
  static void write(Before before, long sequence, SequenceProgress progress, ByteBuffer out) {
    long line = progress.mark().line();
    long count = progress.count();
    long span = progress.lastOffset() - progress.firstOffset();
    int flags =
        flag(NEXT_SEQUENCE, sequence == before.sequence() + 1)
            | flag(LINE_IS_LAST, line == count - 1)
            | flag(NEXT_OFFSET, progress.firstOffset() == before.nextOffset())
            | flag(NO_GAPS, span == count - 1)
            | flag(ONE_EVENT, count == 1)
            | flag(SAME_TIME, progress.timestampMs() == before.timestampMs());
    out.put((byte) flags);
    writeUnless(flags, NEXT_SEQUENCE, sequence - before.sequence(), out);
    writeUnless(flags, LINE_IS_LAST, line, out);
    out.putLong(progress.mark().checksum());
    writeUnless(flags, NEXT_OFFSET, progress.firstOffset() - before.nextOffset(), out);
    writeUnless(flags, NO_GAPS, span, out);
    writeUnless(flags, ONE_EVENT, count, out);
    writeUnless(flags, SAME_TIME, progress.timestampMs() - before.timestampMs(), out);
  }

  private static int flag(int flag, boolean isSet) {
    return isSet ? flag : 0;
  }

  private static void writeUnless(int flags, int flag, long number, ByteBuffer out) {
    if ((flags & flag) == 0) {
      long rest = number << 1 ^ number >> 63;
      while ((rest & ~0x7fL) != 0) {
        out.put((byte) (rest | 0x80));
        rest >>>= 7;
      }
      out.put((byte) rest);
    }
  }

  /**
   * Reads a run one after the other. Of bytes that are not a run it may throw {@code
   * BufferUnderflowException}, or give anything.
   */
  static final class Reader {
    private final ByteBuffer in;
    private long sequence = Before.NOTHING.sequence();
    private long line;
    private long checksum;
    private long firstOffset;
    private long lastOffset = Before.NOTHING.nextOffset() - 1;
    private long count;
    private long timestampMs;

    Reader(byte[] bytes, int sizeBytes) {
      this.in = ByteBuffer.wrap(bytes, 0, sizeBytes);
    }

    /** Goes on to the next one; false at the end. */
    boolean next() {
      if (!in.hasRemaining()) {
        return false;
      }
      int flags = in.get();
      sequence += has(flags, NEXT_SEQUENCE) ? 1 : varint();
      boolean lineIsLast = has(flags, LINE_IS_LAST);
      line = lineIsLast ? 0 : varint();
      checksum = in.getLong();
      firstOffset = lastOffset + 1 + (has(flags, NEXT_OFFSET) ? 0 : varint());
      boolean noGaps = has(flags, NO_GAPS);
      long span = noGaps ? 0 : varint();
      count = has(flags, ONE_EVENT) ? 1 : varint();
      line = lineIsLast ? count - 1 : line;
      lastOffset = firstOffset + (noGaps ? count - 1 : span);
      timestampMs += has(flags, SAME_TIME) ? 0 : varint();
      return (flags & ~ALL_FLAGS) == 0;
    }

    private static boolean has(int flags, int flag) {
      return (flags & flag) != 0;
    }

    private long varint() {
      long number = 0;
      int shift = 0;
      byte part = in.get();
      while (part < 0) {
        number |= (part & 0x7fL) << shift;
        shift += 7;
        part = in.get();
      }
      number |= (long) part << shift;
      return number >>> 1 ^ -(number & 1);
    }

    /** Where the next one begins. */
    int positionBytes() {
      return in.position();
    }

    boolean isAtEnd() {
      return !in.hasRemaining();
    }

    long sequence() {
      return sequence;
    }

    SequenceProgress progress() {
      return new SequenceProgress(
          new Mark(line, checksum), firstOffset, lastOffset, count, timestampMs);
    }
  }
}
