package io.ottla.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that ask for an endless answer and do not take it. */
@Timeout(60)
class StalledClientsTest {
  private static final byte[] LINE = ("x".repeat(16 * 1024 - 1) + "\n").getBytes(US_ASCII);

  /** Writes without an end. */
  private static final class Endless implements StreamBody {
    private volatile boolean ended;

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      while (!ended) {
        out.awaitRoom();
        out.write(LINE, 0, LINE.length);
        out.flush();
      }
    }

    @Override
    public void end() {
      ended = true;
    }

    @Override
    public void close() {}
  }

  private static HttpServer start(Duration piece, long heldBytes) {
    Route route = Route.of("GET", "/endless", _ -> Reply.lineStream(new Endless(), Map.of()));
    return HttpServer.start(
        new HttpServer.Config("127.0.0.1", 0),
        new RouteTable(List.of(route)),
        new SlowClients.Limits(Duration.ofSeconds(60), piece, Duration.ofMinutes(5), heldBytes));
  }

  private static Socket ask(HttpServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket
        .getOutputStream()
        .write("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
    return socket;
  }

  @Test
  void areClosedWhenTheirTimeIsOver() throws IOException {
    HttpServer server = start(Duration.ofMillis(200), Long.MAX_VALUE);
    try (Socket stalled = ask(server)) {
      await().until(() -> server.requestsUnderWay() == 1);

      await().atMost(Duration.ofSeconds(20)).until(() -> server.requestsUnderWay() == 0);

      assertThat(stalled.isConnected()).isTrue();
    } finally {
      server.stop();
    }
  }

  @Test
  void makeRoomForThoseWhoRead() throws IOException {
    HttpServer server = start(Duration.ofMinutes(10), 4L * LINE.length);
    List<Socket> stalled = new ArrayList<>();
    try (Socket reading = ask(server)) {
      for (int i = 0; i < 12; i++) {
        stalled.add(ask(server));
      }
      InputStream in = reading.getInputStream();
      byte[] buffer = new byte[LINE.length];

      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(1))
          .until(() -> in.read(buffer) > 0 && server.requestsUnderWay() <= 6);

      assertThat(in.readNBytes(10 * LINE.length)).hasSize(10 * LINE.length);
    } finally {
      for (Socket socket : stalled) {
        socket.close();
      }
      server.stop();
    }
  }
}
