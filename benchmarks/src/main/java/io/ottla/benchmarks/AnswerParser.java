package io.ottla.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds the end of one HTTP/1.1 answer after another in the bytes of a connection, and each one's
 * status. It knows {@code Content-Length} and nothing else, which is all that a produce is answered
 * with. One owner at a time.
 */
final class AnswerParser {
  private static final int MAX_HEAD_BYTES = 8_192;

  private final byte[] head = new byte[MAX_HEAD_BYTES];
  private int headBytes;
  private boolean inBody;
  private long bodyBytesLeft;
  private int status;

  /** Reads on; true as soon as one answer is complete. Bytes behind it stay in the buffer. */
  boolean read(ByteBuffer bytes) throws IOException {
    while (!inBody) {
      if (!bytes.hasRemaining()) {
        return false;
      }
      if (headBytes == MAX_HEAD_BYTES) {
        throw new IOException("an answer's head is longer than " + MAX_HEAD_BYTES + " bytes");
      }
      byte next = bytes.get();
      head[headBytes++] = next;
      if (next == '\n' && endsHead()) {
        parseHead();
        inBody = true;
      }
    }
    int skipped = (int) Math.min(bodyBytesLeft, bytes.remaining());
    bytes.position(bytes.position() + skipped);
    bodyBytesLeft -= skipped;
    if (bodyBytesLeft > 0) {
      return false;
    }
    inBody = false;
    headBytes = 0;
    return true;
  }

  /** The status of the answer that {@link #read} has last found complete. */
  int status() {
    return status;
  }

  private boolean endsHead() {
    return headBytes >= 4
        && head[headBytes - 2] == '\r'
        && head[headBytes - 3] == '\n'
        && head[headBytes - 4] == '\r';
  }

  private void parseHead() throws IOException {
    String text = new String(head, 0, headBytes, StandardCharsets.ISO_8859_1);
    if (!text.startsWith("HTTP/1.1 ")) {
      throw new IOException("not an HTTP/1.1 answer: " + text.lines().findFirst().orElse(""));
    }
    status = Integer.parseInt(text.substring(9, 12));
    bodyBytesLeft = contentLength(text);
  }

  private static long contentLength(String head) throws IOException {
    String name = "content-length:";
    int lineStart = head.indexOf("\r\n") + 2;
    while (lineStart < head.length() - 2) {
      int lineEnd = head.indexOf("\r\n", lineStart);
      if (head.regionMatches(true, lineStart, name, 0, name.length())) {
        return Long.parseLong(head.substring(lineStart + name.length(), lineEnd).strip());
      }
      lineStart = lineEnd + 2;
    }
    throw new IOException("an answer without Content-Length: " + head);
  }
}
