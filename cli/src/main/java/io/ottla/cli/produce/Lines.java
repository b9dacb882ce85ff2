package io.ottla.cli.produce;

import io.ottla.cli.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of a stream of bytes. A line ends with LF or CR LF, which are not part of it, or with
 * the stream. One owner at a time.
 */
final class Lines {
  private static final int FIRST_BUFFER_BYTES = 64 * 1024;
  private static final int LONGEST_LINE_BYTES = 16 * 1024 * 1024;

  private final InputStream in;
  private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
  private int from;
  private int to;
  private boolean ended;
  private long count;
  private long bytes;

  Lines(InputStream in) {
    this.in = in;
  }

  /** The next line's bytes, a new array; null if there is none. */
  byte[] next() throws IOException {
    int searched = from;
    while (true) {
      for (int at = searched; at < to; at++) {
        if (buffer[at] == '\n') {
          return line(at, at + 1);
        }
      }
      searched = to - from;
      if (ended || !fill()) {
        return from == to ? null : line(to, to);
      }
    }
  }

  /** The line up to an index; the rest begins at another. */
  private byte[] line(int end, int rest) {
    int last = end > from && rest > end && buffer[end - 1] == '\r' ? end - 1 : end;
    byte[] line = Arrays.copyOfRange(buffer, from, last);
    bytes += rest - from;
    from = rest;
    count++;
    return line;
  }

  /** Moves what is left to the buffer's beginning and reads more; false at the end. */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, from, buffer, 0, to - from);
    to -= from;
    from = 0;
    if (to == buffer.length) {
      if (to >= LONGEST_LINE_BYTES) {
        throw CommandFailure.failed("line " + (count + 1) + " is longer than 16 MiB");
      }
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    int read = in.read(buffer, to, buffer.length - to);
    ended = read < 0;
    to += Math.max(read, 0);
    return !ended;
  }

  /** How many lines there were so far. */
  long count() {
    return count;
  }

  /** How many bytes they took, line ends included. */
  long bytes() {
    return bytes;
  }
}
