package io.ottla.log;

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
