package io.ottla.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Takes the head and the framing off HTTP/1.1 answers with bodies that are streamed: chunked, or of
 * known length. One owner at a time.
 */
final class AnswerDecoder {
  private static final int MAX_HEAD_BYTES = 32_768;

  private final byte[] head = new byte[MAX_HEAD_BYTES];
  private final Map<String, String> headers = new TreeMap<>();
  private int headBytes;
  private State state = State.HEAD;
  private boolean chunked;
  private long bytesLeft;
  private int status;

  private enum State {
    HEAD,
    CHUNK_HEAD,
    BODY,
    COMPLETE
  }

  /** Is given a body piece by piece. */
  @FunctionalInterface
  interface Sink {
    /** Bytes from {@code from} up to, not including, {@code to}. */
    void take(byte[] bytes, int from, int to) throws IOException;
  }

  /** Another answer begins. */
  void reset() {
    state = State.HEAD;
    headBytes = 0;
    headers.clear();
  }

  /** Decodes; where it stopped, which is {@code to} unless the answer is complete before. */
  int feed(byte[] bytes, int from, int to, Sink sink) throws IOException {
    int at = from;
    while (at < to && state != State.COMPLETE) {
      if (state == State.BODY) {
        int end = at + (int) Math.min(bytesLeft, to - at);
        sink.take(bytes, at, end);
        bytesLeft -= end - at;
        at = end;
        if (bytesLeft == 0) {
          state = chunked ? State.CHUNK_HEAD : State.COMPLETE;
        }
      } else {
        takeHeadByte(bytes[at++]);
      }
    }
    return at;
  }

  private void takeHeadByte(byte next) throws IOException {
    if (headBytes == MAX_HEAD_BYTES) {
      throw new IOException("an answer's head is longer than " + MAX_HEAD_BYTES + " bytes");
    }
    head[headBytes++] = next;
    if (next != '\n') {
      return;
    }
    if (state == State.CHUNK_HEAD) {
      parseChunkHead();
    } else if (headBytes >= 4 && head[headBytes - 3] == '\n') {
      parseHead();
    }
  }

  private void parseHead() throws IOException {
    String text = new String(head, 0, headBytes, StandardCharsets.ISO_8859_1);
    if (!text.startsWith("HTTP/1.1 ")) {
      throw new IOException("not an HTTP/1.1 answer: " + text.lines().findFirst().orElse(""));
    }
    status = Integer.parseInt(text.substring(9, 12));
    text.lines()
        .skip(1)
        .filter(line -> line.indexOf(':') > 0)
        .forEach(
            line ->
                headers.put(
                    line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT),
                    line.substring(line.indexOf(':') + 1).strip()));
    headBytes = 0;
    chunked = header("transfer-encoding").contains("chunked");
    if (chunked) {
      state = State.CHUNK_HEAD;
    } else {
      String length = header("content-length");
      if (length.isEmpty()) {
        throw new IOException("an answer that is neither chunked nor of known length: " + text);
      }
      bytesLeft = Long.parseLong(length);
      state = bytesLeft == 0 ? State.COMPLETE : State.BODY;
    }
  }

  /** The line before a chunk; the empty one that ends the chunk before it is passed over. */
  private void parseChunkHead() {
    String line = new String(head, 0, headBytes, StandardCharsets.ISO_8859_1).strip();
    headBytes = 0;
    if (line.isEmpty()) {
      if (bytesLeft < 0) {
        state = State.COMPLETE;
      }
      return;
    }
    int extension = line.indexOf(';');
    bytesLeft = Long.parseLong(extension < 0 ? line : line.substring(0, extension), 16);
    if (bytesLeft == 0) {
      // The last chunk: one more empty line ends the answer.
      bytesLeft = -1;
    } else {
      state = State.BODY;
    }
  }

  boolean hasHead() {
    return state != State.HEAD;
  }

  boolean isComplete() {
    return state == State.COMPLETE;
  }

  int status() {
    return status;
  }

  /** A header by its name in lower case; empty if there is none. */
  String header(String name) {
    return headers.getOrDefault(name, "");
  }
}
