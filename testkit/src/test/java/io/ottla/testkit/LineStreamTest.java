package io.ottla.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a socket that says what the test makes it say. */
class LineStreamTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void end() throws IOException {
    server.close();
  }

  @Test
  void readsTheLinesOfAChunkedBodyHoweverItIsCut() throws IOException, InterruptedException {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nOttla-Consumer-Id: 7\r\n\r\n";
    String body = "3\r\none\r\n6\r\n\ntwo\n\n\r\n4;x=y\r\nlast\r\n0\r\n\r\n";
    try (LineStream lines = answered(head + body)) {
      assertThat(lines.status()).isEqualTo(200);
      assertThat(lines.header("ottla-consumer-id")).contains("7");
      assertThat(lines.readLine(SOON)).contains("one");
      assertThat(lines.readLine(SOON)).contains("two");
      assertThat(lines.readLine(SOON)).contains("");
      assertThat(lines.readLine(SOON)).contains("last");
      assertThat(lines.readLine(SOON)).isEmpty();
    }
  }

  @Test
  void readsABodyOfKnownLength() throws IOException, InterruptedException {
    try (LineStream lines = answered("HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\na\nbc")) {
      assertThat(lines.status()).isEqualTo(404);
      assertThat(lines.readLine(SOON)).contains("a");
      assertThat(lines.readLine(SOON)).contains("bc");
      assertThat(lines.readLine(SOON)).isEmpty();
    }
  }

  @Test
  void saysThatAnAnswerWasCut() throws IOException, InterruptedException {
    String answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab\n";
    try (LineStream lines = answered(answer)) {
      assertThat(lines.readLine(SOON)).contains("ab");
      assertThatThrownBy(() -> lines.readLine(SOON)).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void losesNothingWhenNothingComesForAWhile() throws IOException, InterruptedException {
    pieces.put("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab");
    try (LineStream lines = open()) {
      assertThatThrownBy(() -> lines.readLine(Duration.ofMillis(20)))
          .isInstanceOf(SocketTimeoutException.class);
      pieces.put("c\n\r\n1");
      assertThat(lines.readLine(SOON)).contains("abc");
      assertThatThrownBy(() -> lines.readLine(Duration.ofMillis(20)))
          .isInstanceOf(SocketTimeoutException.class);
      pieces.put("0\r\n0123456789abcde\n\r\n");
      assertThat(lines.readLine(SOON)).contains("0123456789abcde");
    }
  }

  /** The whole answer at once, and then the connection's end. */
  private LineStream answered(String answer) throws IOException, InterruptedException {
    pieces.put(answer);
    pieces.put("");
    return open();
  }

  private LineStream open() throws IOException {
    URI url = URI.create("http://127.0.0.1:" + server.getLocalPort());
    Thread.ofVirtual().start(this::answer);
    return LineStream.open(url, "/events", Map.of("Accept", "application/x-ndjson"));
  }

  private void answer() {
    try (Socket client = server.accept()) {
      String piece = pieces.take();
      while (!piece.isEmpty()) {
        client.getOutputStream().write(piece.getBytes(StandardCharsets.US_ASCII));
        piece = pieces.take();
      }
      client.shutdownOutput();
      client.getInputStream().readAllBytes();
    } catch (IOException e) {
      // The test closes the connection, and the server, when it has seen enough.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
