package io.ottla.client;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing run of bytes. One owner at a time. */
final class Bytes {
  private byte[] bytes;
  private int size;

  Bytes(int capacityBytes) {
    this.bytes = new byte[Math.max(16, capacityBytes)];
  }

  int size() {
    return size;
  }

  Bytes ascii(String text) {
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[size++] = (byte) text.charAt(i);
    }
    return this;
  }

  Bytes add(byte b) {
    reserve(1);
    bytes[size++] = b;
    return this;
  }

  Bytes add(byte[] more) {
    return add(more, 0, more.length);
  }

  Bytes add(byte[] more, int from, int to) {
    reserve(to - from);
    System.arraycopy(more, from, bytes, size, to - from);
    size += to - from;
    return this;
  }

  Bytes add(Bytes more) {
    return add(more.bytes, 0, more.size);
  }

  /** Adds a JSON string. */
  Bytes quoted(String text) {
    return quoted(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds valid UTF-8 as a JSON string. */
  Bytes quoted(byte[] utf8) {
    reserve(utf8.length + 2);
    add((byte) '"');
    for (byte b : utf8) {
      if (b == '"' || b == '\\') {
        add((byte) '\\').add(b);
      } else if (b >= 0 && b < 0x20) {
        ascii(String.format("\\u%04x", (int) b));
      } else {
        add(b);
      }
    }
    return add((byte) '"');
  }

  /** Takes out {@code [from, to)}. */
  void remove(int from, int to) {
    System.arraycopy(bytes, to, bytes, from, size - to);
    size -= to - from;
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, size);
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, size);
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, size * 2));
    }
  }
}
