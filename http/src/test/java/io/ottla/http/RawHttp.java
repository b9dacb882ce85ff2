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

  private final Socket socket;

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
      http.send(request);
      return http.readUntilClosed();
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
    return readAnswers(1);
  }

  /** Reads until the server closes, however long it has been silent. */
  Exchange readUntilClosed() throws IOException {
    return readAnswers(Integer.MAX_VALUE);
  }

  /** Reads until the server closes, or has given that many answers and is silent for a while. */
  Exchange readAnswers(int count) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    boolean closed = false;
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[65536];
    try {
      while (!closed) {
        int length = in.read(buffer);
        closed = length < 0;
        if (!closed) {
          read.write(buffer, 0, length);
          boolean enough = wholeAnswers(read.toString(ISO_8859_1)) >= count;
          socket.setSoTimeout(enough ? SILENCE_MS : TIMEOUT_MS);
        }
      }
    } catch (SocketTimeoutException e) {
      closed = false;
    } catch (IOException e) {
      closed = true;
    }
    return new Exchange(parse(read.toString(ISO_8859_1)), closed);
  }

  private static int wholeAnswers(String read) {
    int whole = 0;
    int from = 0;
    while (read.startsWith("HTTP/1.1 ", from)) {
      int end = read.indexOf("\r\n\r\n", from);
      if (end < 0) {
        break;
      }
      Answer head = new Answer(status(read, from), read.substring(from, end), "");
      String length = head.header("Content-Length");
      from = end + 4 + (length == null ? 0 : Integer.parseInt(length));
      if (from <= read.length() && head.status() != 100) {
        whole++;
      }
    }
    return whole;
  }

  private static int status(String read, int from) {
    return Integer.parseInt(read.substring(from + 9, from + 12));
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
      int status = status(text, from);
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
