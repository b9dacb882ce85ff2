package io.ottla.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One upload: a body of lines in one request, of which nobody knows the length before. */
final class Upload {
  private static final int PIECE_BYTES = 64 * 1024;
  private static final Pattern COUNT = Pattern.compile("\"count\":([0-9]+),\"partitions\"");

  private Upload() {}

  /**
   * What was sent and what became of it.
   *
   * @param committed events, as the answer says
   */
  record Result(long bodyBytes, long committed) {}

  /** Sends so many lines. An answer that is not 201 is an {@link IOException}. */
  static Result send(URI server, String path, UploadBody body, long lines) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      OutputStream out = socket.getOutputStream();
      String head =
          "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-ndjson\r\n"
                  .formatted(path, server.getAuthority())
              + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      long bodyBytes = 0;
      for (long left = lines; left > 0; left -= body.linesPerRound()) {
        int roundBytes =
            left >= body.linesPerRound() ? body.round().length : lengthOf(body.round(), (int) left);
        sendChunks(out, body.round(), roundBytes);
        bodyBytes += roundBytes;
      }
      out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new Result(bodyBytes, committed(socket));
    }
  }

  private static void sendChunks(OutputStream out, byte[] bytes, int lengthBytes)
      throws IOException {
    for (int at = 0; at < lengthBytes; at += PIECE_BYTES) {
      int pieceBytes = Math.min(PIECE_BYTES, lengthBytes - at);
      out.write((Integer.toHexString(pieceBytes) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes, at, pieceBytes);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static int lengthOf(byte[] bytes, int lines) {
    int at = 0;
    for (int found = 0; found < lines; at++) {
      if (bytes[at] == '\n') {
        found++;
      }
    }
    return at;
  }

  private static long committed(Socket socket) throws IOException {
    var in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder answer = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      answer.append((char) c);
    }
    Matcher count = COUNT.matcher(answer);
    if (!answer.toString().startsWith("HTTP/1.1 201 ") || !count.find()) {
      throw new IOException("not the answer that was expected: " + answer);
    }
    return Long.parseLong(count.group(1));
  }
}
