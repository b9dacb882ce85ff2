package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that open connections and leave them idle, more than the process can hold. */
class ManyConnectionsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final byte[] GET =
      "GET /health/live HTTP/1.1\r\nHost: ottla\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path directory;

  private final List<Socket> connections = new ArrayList<>();
  private ServerProcess server;

  @AfterEach
  void end() throws IOException, InterruptedException {
    closeAll();
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void withFewDescriptorsBrokersGoOnAndConnectionsWait() throws IOException, InterruptedException {
    List<String> launcher = List.of("/bin/sh", "-c", "ulimit -n 300; exec \"$@\"", "sh");

    int served = goesOnBeside(400, launcher, List.of());

    assertThat(served).isBetween(20, 200);
  }

  @Test
  void withASmallHeapBrokersGoOnAndConnectionsWait() throws IOException, InterruptedException {
    int served = goesOnBeside(3_000, List.of(), List.of("-Xmx96m"));

    assertThat(served).isBetween(1_000, 2_500);
  }

  /** Opens so many connections while another publishes; how many of them were answered. */
  private int goesOnBeside(int count, List<String> launcher, List<String> jvmOptions)
      throws IOException, InterruptedException {
    server = new TestServer(directory).start(launcher, jvmOptions);
    try (Api api = new Api(server.url(), PATIENCE)) {
      api.post("/cluster", Api.object().put("name", "c1")).expect(201);
      api.post("/topic", Api.object().put("name", "t")).expect(201);
      publish(api, 0);
      int served = 0;
      for (int i = 0; i < count && served == i; i++) {
        served += isAnswered() ? 1 : 0;
      }

      // One is open and was answered before: it is served while the others wait.
      for (int i = 1; i < 50; i++) {
        publish(api, i);
      }
      assertThat(served).isLessThan(count);
      closeAll();
      Awaitility.await().atMost(PATIENCE).until(this::isAnswered);
      assertThat(api.get("/events?topic=t").expect(200).path("events").size()).isEqualTo(50);
      assertThat(api.get("/health/ready").status()).isEqualTo(200);
      return served;
    }
  }

  private static void publish(Api api, int value) throws IOException, InterruptedException {
    api.post("/events", Api.object().put("topic", "t").put("key", "k").put("value", value))
        .expect(201);
  }

  /** Opens one more connection, and leaves it open. */
  private boolean isAnswered() throws IOException {
    URI url = server.url();
    Socket socket = new Socket();
    connections.add(socket);
    socket.connect(new InetSocketAddress(url.getHost(), url.getPort()));
    socket.setSoTimeout(2_000);
    socket.getOutputStream().write(GET);
    InputStream in = socket.getInputStream();
    try {
      return in.read() == 'H' && in.skip(in.available()) >= 0;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  private void closeAll() throws IOException {
    for (Socket socket : connections) {
      socket.close();
    }
    connections.clear();
  }
}
