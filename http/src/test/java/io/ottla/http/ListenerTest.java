package io.ottla.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.http.json.JsonBuffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The listener lives as long as the server does, and takes no more connections than it may. No
 * other test runs beside it: it looks for its server's thread among all there are.
 */
@Isolated
@Timeout(60)
class ListenerTest {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(10);

  @Test
  void aListenerThatEndedByItselfListensAgainAtTheSamePort() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    HttpServer server = start(100);
    int port = server.port();
    try {
      assertThat(isAnswered(port)).isTrue();

      // Its accept fails, as it does without a descriptor.
      List<Thread> listeners =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> !before.contains(thread))
              .filter(thread -> thread.getName().contains("-listener"))
              .toList();
      assertThat(listeners).hasSize(1);
      listeners.getFirst().interrupt();

      await().atMost(BACK_WITHIN).until(() -> !isAnswered(port));
      await().atMost(BACK_WITHIN).until(() -> isAnswered(port));
      assertThat(server.port()).isEqualTo(port);
    } finally {
      server.stop();
    }
    assertThat(isAnswered(port)).isFalse();
  }

  @Test
  void connectionsBeyondTheLimitWaitAndTheOthersAreServed() throws IOException {
    HttpServer server = start(4);
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        Socket socket = connect(server.port());
        assertThat(isAnswered(socket)).isTrue();
        sockets.add(socket);
      }
      Socket late = connect(server.port());
      sockets.add(late);

      for (Socket socket : sockets.subList(0, 4)) {
        assertThat(isAnswered(socket)).isTrue();
      }
      late.setSoTimeout(200);
      assertThat(isAnswered(late)).isFalse();

      sockets.getFirst().close();
      late.setSoTimeout(10_000);
      assertThat(late.getInputStream().read()).isEqualTo('H');
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
      server.stop();
    }
  }

  private static HttpServer start(int maxConnections) {
    Route route = Route.of("GET", "/", _ -> Reply.json(200, new JsonBuffer(8).raw("{}")));
    return HttpServer.start(
        new HttpServer.Config("127.0.0.1", 0, maxConnections, () -> {}),
        new RouteTable(List.of(route)));
  }

  private static Socket connect(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  private static boolean isAnswered(int port) {
    try (Socket socket = connect(port)) {
      return isAnswered(socket);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isAnswered(Socket socket) {
    try {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
      byte[] answer = new byte[1024];
      int length = socket.getInputStream().read(answer);
      return length > 0 && new String(answer, 0, length, US_ASCII).startsWith("HTTP/1.1 200");
    } catch (IOException e) {
      return false;
    }
  }
}
