package io.ottla.log;

import java.nio.ByteBuffer;

/**
 * Zigzag varints, as in Protocol Buffers' sint32 and sint64: small numbers of either sign take few
 * bytes.
 */
final class Varint {
  private Varint() {}

  static int sizeBytes(long value) {
    long zigzag = (value << 1) ^ (value >> 63);
    return zigzag == 0 ? 1 : (70 - Long.numberOfLeadingZeros(zigzag)) / 7;
  }

  /** Reads one, moving the position behind it. */
  static long read(ByteBuffer source) throws CorruptBatchException {
    long raw = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (!source.hasRemaining()) {
        throw new CorruptBatchException("the bytes end inside a varint");
      }
      byte next = source.get();
      raw |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw new CorruptBatchException("a varint of more than 64 bits");
  }

  /** Returns the position behind what was written. */
  static int put(byte[] array, int start, long value) {
    long rest = (value << 1) ^ (value >> 63);
    int at = start;
    while ((rest & ~0x7fL) != 0) {
      array[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    array[at++] = (byte) rest;
    return at;
  }
}
