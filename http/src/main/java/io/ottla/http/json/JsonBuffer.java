package io.ottla.http.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * A growing buffer of JSON text, written by hand: the caller says where commas go. One owner at a
 * time.
 */
public final class JsonBuffer {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_NUMBER_BYTES = 20;

  private byte[] bytes;
  private int lengthBytes;

  /** An empty buffer with room for {@code initialBytes}. */
  public JsonBuffer(int initialBytes) {
    bytes = new byte[Math.max(64, initialBytes)];
  }

  /** The buffer's own bytes; {@code [0, lengthBytes)} are written. */
  public byte[] array() {
    return bytes;
  }

  /** How many bytes are written. */
  public int lengthBytes() {
    return lengthBytes;
  }

  /** Text that is JSON already and ASCII. */
  public JsonBuffer raw(String ascii) {
    int size = ascii.length();
    ensure(size);
    for (int i = 0; i < size; i++) {
      bytes[lengthBytes + i] = (byte) ascii.charAt(i);
    }
    lengthBytes += size;
    return this;
  }

  /** Bytes that are JSON already. */
  public JsonBuffer raw(byte[] json, int from, int to) {
    ensure(to - from);
    System.arraycopy(json, from, bytes, lengthBytes, to - from);
    lengthBytes += to - from;
    return this;
  }

  /** One ASCII character that is JSON already. */
  public JsonBuffer raw(char ascii) {
    ensure(1);
    bytes[lengthBytes++] = (byte) ascii;
    return this;
  }

  /** Bytes that are JSON already. */
  public JsonBuffer raw(ByteBuffer json) {
    int size = json.remaining();
    ensure(size);
    json.get(json.position(), bytes, lengthBytes, size);
    lengthBytes += size;
    return this;
  }

  /** Writes spaces over what is CR or LF from {@code fromBytes} on. */
  public void spacesForLineBreaks(int fromBytes) {
    for (int i = fromBytes; i < lengthBytes; i++) {
      if (bytes[i] == '\n' || bytes[i] == '\r') {
        bytes[i] = ' ';
      }
    }
  }

  /** Drops what was written from {@code toBytes} on. */
  public void truncateTo(int toBytes) {
    lengthBytes = toBytes;
  }

  /** A number. */
  public JsonBuffer number(long value) {
    ensure(LONGEST_NUMBER_BYTES);
    if (value == Long.MIN_VALUE) {
      return raw(Long.toString(value));
    }
    long rest = Math.abs(value);
    int digits = 1;
    for (long power = 10; digits < 19 && rest >= power; power *= 10) {
      digits++;
    }
    if (value < 0) {
      bytes[lengthBytes++] = '-';
    }
    for (int i = lengthBytes + digits - 1; i >= lengthBytes; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    lengthBytes += digits;
    return this;
  }

  /** A finite number; whole ones are written without a fraction. */
  public JsonBuffer number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return number((long) value);
    }
    return raw(Double.toString(value));
  }

  /** A string. */
  public JsonBuffer string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return string(utf8, 0, utf8.length);
  }

  /** A string, from bytes that are valid UTF-8. */
  public JsonBuffer string(byte[] utf8, int from, int to) {
    ensure(to - from + 2);
    bytes[lengthBytes++] = '"';
    int i = from;
    while (i < to) {
      int start = i;
      while (i < to && isPlain(utf8[i])) {
        i++;
      }
      ensure(i - start + (to - i) + 8);
      System.arraycopy(utf8, start, bytes, lengthBytes, i - start);
      lengthBytes += i - start;
      if (i < to) {
        escaped(utf8[i++]);
      }
    }
    ensure(1);
    bytes[lengthBytes++] = '"';
    return this;
  }

  /** A string holding the bytes in base64. */
  public JsonBuffer base64(ByteBuffer binary) {
    ByteBuffer encoded = Base64.getEncoder().encode(binary.duplicate());
    return raw('"').raw(encoded).raw('"');
  }

  /** A member's name, its colon included: {@code ,"name":} when {@code comma}. */
  public JsonBuffer name(String ascii, boolean comma) {
    if (comma) {
      raw(',');
    }
    return raw('"').raw(ascii).raw('"').raw(':');
  }

  /** What was written so far, as a string; for tests and logs. */
  @Override
  public String toString() {
    return new String(bytes, 0, lengthBytes, StandardCharsets.UTF_8);
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, lengthBytes);
  }

  private static boolean isPlain(byte b) {
    return b != '"' && b != '\\' && (b >= 0x20 || b < 0) && b != 0x7f;
  }

  private void escaped(byte b) {
    bytes[lengthBytes++] = '\\';
    switch (b) {
      case '"', '\\' -> bytes[lengthBytes++] = b;
      case '\n' -> bytes[lengthBytes++] = 'n';
      case '\r' -> bytes[lengthBytes++] = 'r';
      case '\t' -> bytes[lengthBytes++] = 't';
      default -> {
        bytes[lengthBytes++] = 'u';
        bytes[lengthBytes++] = '0';
        bytes[lengthBytes++] = '0';
        bytes[lengthBytes++] = HEX[b >> 4];
        bytes[lengthBytes++] = HEX[b & 0xf];
      }
    }
  }

  private void ensure(int moreBytes) {
    if (bytes.length - lengthBytes < moreBytes) {
      long wanted = Math.max((long) lengthBytes + moreBytes, 2L * bytes.length);
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
    }
  }
}
