package io.ottla.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A GET whose answer is read line by line as it comes, over a socket of its own: closing it cuts
 * the connection at once. Knows chunked bodies, {@code Content-Length}, and bodies up to the end of
 * the connection. One owner at a time, but any thread may close it.
 */
public final class LineStream implements AutoCloseable {
  private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(20);

  private final Socket socket;
  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder chunkHead = new StringBuilder();
  private final int status;
  private final Map<String, String> headers = new TreeMap<>();
  private final boolean chunked;

  /** Of the chunk or the body; −1 = up to the end of the connection. */
  private long bytesLeft;

  private boolean ended;

  private LineStream(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 65_536);
    this.status = statusOf(readHeadLine());
    String header = readHeadLine();
    while (!header.isEmpty()) {
      int colon = header.indexOf(':');
      String name = header.substring(0, colon).toLowerCase(Locale.ROOT);
      headers.put(name, header.substring(colon + 1).strip());
      header = readHeadLine();
    }
    this.chunked = headers.getOrDefault("transfer-encoding", "").contains("chunked");
    this.bytesLeft = chunked ? 0 : Long.parseLong(headers.getOrDefault("content-length", "-1"));
  }

  /** Sends the request and reads the answer's head; {@code path} may carry a query. */
  public static LineStream open(URI server, String path, Map<String, String> requestHeaders)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) HEAD_TIMEOUT.toMillis());
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), 5_000);
      StringBuilder request =
          new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\n");
      requestHeaders.forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
      byte[] bytes = request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
      socket.getOutputStream().write(bytes);
      return new LineStream(socket);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static int statusOf(String statusLine) throws IOException {
    if (!statusLine.startsWith("HTTP/1.1 ") || statusLine.length() < 12) {
      throw new IOException("not an HTTP/1.1 answer: " + statusLine);
    }
    return Integer.parseInt(statusLine.substring(9, 12));
  }

  public int status() {
    return status;
  }

  /** A header of the answer, by its name in any case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /**
   * The next line without its LF; empty at the body's end. Fails with {@link EOFException} if the
   * connection ends before the body does, and with {@link SocketTimeoutException} if nothing comes
   * for so long; then it may be called again.
   */
  public Optional<String> readLine(Duration timeout) throws IOException {
    socket.setSoTimeout(Math.max(1, (int) timeout.toMillis()));
    while (true) {
      int next = readByte();
      if (next == '\n' || (next < 0 && line.size() > 0)) {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        return Optional.of(text);
      }
      if (next < 0) {
        return Optional.empty();
      }
      line.write(next);
    }
  }

  /** The body's next byte, or −1 at its end. */
  private int readByte() throws IOException {
    if (chunked && bytesLeft == 0 && !ended) {
      readChunkHead();
    }
    if (ended || bytesLeft == 0) {
      return -1;
    }
    int next = in.read();
    if (next < 0 && bytesLeft > 0) {
      throw new EOFException("the connection ended within the answer");
    }
    if (bytesLeft > 0) {
      bytesLeft--;
    }
    return next;
  }

  /** What was read of it is kept in a field: a timeout must not lose it. */
  private void readChunkHead() throws IOException {
    while (true) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended within the answer");
      }
      if (next != '\n') {
        chunkHead.append((char) next);
        continue;
      }
      String head = chunkHead.toString().strip();
      chunkHead.setLength(0);
      if (!head.isEmpty()) {
        int extension = head.indexOf(';');
        bytesLeft = Long.parseLong(extension < 0 ? head : head.substring(0, extension), 16);
        ended = bytesLeft == 0;
        return;
      }
    }
  }

  private String readHeadLine() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int next = in.read();
    while (next != '\n') {
      if (next < 0) {
        throw new EOFException("the connection ended within the answer's head");
      }
      bytes.write(next);
      next = in.read();
    }
    return bytes.toString(StandardCharsets.ISO_8859_1).strip();
  }

  /** Cuts the connection. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
