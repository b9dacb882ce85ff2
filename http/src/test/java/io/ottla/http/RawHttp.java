package io.ottla.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A client that sends whatever bytes it is told to. */
final class RawHttp implements AutoCloseable {
  private static final int TIMEOUT_MS = 5_000;
  private static final int SILENCE_MS = 80;
  private static final String HUNDRED = "HTTP/1.1 100 Continue\r\n\r\n";

  private final Socket socket;
  private int silenceMs = SILENCE_MS;

  /** What came back: the answers in order, and whether the connection was closed after them. */
  record Exchange(List<Answer> answers, boolean closed) {
    Answer only() {
      if (answers.size() != 1) {
        throw new AssertionError("not one answer: " + answers);
      }
      return answers.getFirst();
    }
  }

  /** One answer. */
  record Answer(int status, String head, String body) {
    String header(String name) {
      for (String line : head.split("\r\n", -1)) {
        if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
          return line.substring(name.length() + 1).trim();
        }
      }
      return null;
    }
  }

  RawHttp(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MS);
  }

  /** Sends a request and reads until the server closes or falls silent. */
  static Exchange exchange(int port, String request) throws IOException {
    try (RawHttp http = new RawHttp(port)) {
      http.send(request);
      return http.readToEnd();
    }
  }

  /** Sends a request and reads until the server closes. */
  static Exchange exchangeToTheEnd(int port, String request) throws IOException {
    try (RawHttp http = new RawHttp(port)) {
      http.silenceMs = TIMEOUT_MS;
      http.send(request);
      return http.readToEnd();
    }
  }

  RawHttp send(String request) throws IOException {
    return send(request.getBytes(ISO_8859_1));
  }

  RawHttp send(byte[] bytes) throws IOException {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // The server may have closed already; what it said is read all the same.
      return this;
    }
    return this;
  }

  /** Closes this side of the connection; the other one stays open. */
  void sendNoMore() throws IOException {
    socket.shutdownOutput();
  }

  /** Reads until the server closes, or has answered and is silent for a while. */
  Exchange readToEnd() throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    boolean closed = false;
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[65536];
    try {
      while (!closed) {
        int count = in.read(buffer);
        closed = count < 0;
        if (!closed) {
          read.write(buffer, 0, count);
          socket.setSoTimeout(isWhole(read.toString(ISO_8859_1)) ? silenceMs : TIMEOUT_MS);
        }
      }
    } catch (SocketTimeoutException e) {
      closed = false;
    } catch (IOException e) {
      closed = true;
    }
    return new Exchange(parse(read.toString(ISO_8859_1)), closed);
  }

  private static boolean isWhole(String read) {
    String text = read.startsWith(HUNDRED) ? read.substring(HUNDRED.length()) : read;
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    Answer head = new Answer(0, text.substring(0, end), "");
    String length = head.header("Content-Length");
    return length == null || text.length() >= end + 4 + Integer.parseInt(length);
  }

  private static List<Answer> parse(String text) {
    List<Answer> answers = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf("\r\n\r\n", from);
      if (end < 0) {
        throw new AssertionError("no answer: " + text.substring(from));
      }
      String head = text.substring(from, end);
      int status = Integer.parseInt(head.substring(9, 12));
      Answer answer = new Answer(status, head, "");
      String length = answer.header("Content-Length");
      int bodyEnd =
          Math.min(text.length(), end + 4 + (length == null ? 0 : Integer.parseInt(length)));
      if (status != 100) {
        answers.add(new Answer(status, head, text.substring(end + 4, bodyEnd)));
      }
      from = bodyEnd;
    }
    return answers;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
