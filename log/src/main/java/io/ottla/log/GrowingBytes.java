package io.ottla.log;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A byte array that grows, with its array in the open so that codecs write into it. One owner. */
final class GrowingBytes extends OutputStream {
  private final int limitBytes;
  private byte[] array;
  private int length;

  /**
   * @param limitBytes more than this is refused by {@link #hasRoomFor}; the other methods trust
   *     their caller
   */
  GrowingBytes(int initialBytes, int limitBytes) {
    this.array = new byte[initialBytes];
    this.limitBytes = limitBytes;
  }

  /** Whether {@code more} bytes may still be appended. */
  boolean hasRoomFor(int more) {
    return more >= 0 && more <= limitBytes - length;
  }

  /** Makes the array at least {@code more} bytes longer than {@link #length}. */
  byte[] reserve(int more) {
    if (array.length - length < more) {
      long wanted = Math.max((long) array.length * 2, (long) length + more);
      array = Arrays.copyOf(array, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
    }
    return array;
  }

  byte[] array() {
    return array;
  }

  int length() {
    return length;
  }

  void setLength(int length) {
    this.length = length;
  }

  void append(byte[] source, int start, int count) {
    reserve(count);
    System.arraycopy(source, start, array, length, count);
    length += count;
  }

  void append(ByteBuffer source) {
    int count = source.remaining();
    reserve(count);
    source.get(source.position(), array, length, count);
    length += count;
  }

  @Override
  public void write(int b) {
    reserve(1)[length++] = (byte) b;
  }

  @Override
  public void write(byte[] source, int start, int count) {
    append(source, start, count);
  }

  /** The bytes so far; a view. */
  ByteBuffer view() {
    return ByteBuffer.wrap(array, 0, length).slice();
  }
}
