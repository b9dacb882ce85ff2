package io.ottla.client;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Checks of UTF-8 bytes. */
final class Utf8 {
  private static final int CHARS_AT_ONCE = 1_024;

  private Utf8() {}

  static boolean isValid(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer ignored = CharBuffer.allocate(Math.min(bytes.length + 1, CHARS_AT_ONCE));
    CoderResult result = decoder.decode(in, ignored, true);
    while (result.isOverflow()) {
      result = decoder.decode(in, ignored.clear(), true);
    }
    return !result.isError();
  }
}
