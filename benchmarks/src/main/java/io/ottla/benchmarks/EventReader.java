package io.ottla.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** One connection that reads one answer after another. One owner at a time. */
final class EventReader implements AutoCloseable {
  private static final int BUFFER_BYTES = 262_144;

  private final Socket socket;
  private final InputStream in;
  private final String host;
  private final AnswerDecoder decoder = new AnswerDecoder();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long bodyBytes;

  private EventReader(Socket socket, String host) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.host = host;
  }

  static EventReader open(InetSocketAddress address, String host) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1 << 20);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) LoadResult.PATIENCE.toMillis());
    socket.connect(address);
    return new EventReader(socket, host);
  }

  /**
   * Asks, and reads until the answer ends or the caller has enough; in that case the connection
   * cannot be used again.
   *
   * @return the decoder, which knows the headers
   */
  AnswerDecoder get(String path, String accept, AnswerDecoder.Sink sink, BooleanSupplier isEnough)
      throws IOException {
    String request =
        "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: " + accept + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    decoder.reset();
    while (!decoder.isComplete() && !isEnough.getAsBoolean()) {
      int count = in.read(buffer);
      if (count < 0) {
        throw new EOFException("the server closed the connection within an answer");
      }
      decoder.feed(buffer, 0, count, (bytes, from, to) -> take(sink, bytes, from, to));
    }
    return decoder;
  }

  private void take(AnswerDecoder.Sink sink, byte[] bytes, int from, int to) throws IOException {
    if (decoder.status() != 200) {
      String body = new String(bytes, from, to - from, StandardCharsets.UTF_8);
      throw new IOException("answered with " + decoder.status() + ": " + body);
    }
    bodyBytes += to - from;
    sink.take(bytes, from, to);
  }

  /** Of all answers so far. */
  long bodyBytes() {
    return bodyBytes;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
