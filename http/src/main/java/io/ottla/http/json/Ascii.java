package io.ottla.http.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Comparing and cutting bytes of which some are known text. */
final class Ascii {
  private Ascii() {}

  static byte[] bytes(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether {@code bytes[from, to)} begins with {@code prefix}. */
  static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
    if (to - from < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[from + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /** {@code bytes[from, to)}, not copied; the buffer's position is {@code from}. */
  static ByteBuffer slice(byte[] bytes, int from, int to) {
    return ByteBuffer.wrap(bytes, from, to - from);
  }
}
