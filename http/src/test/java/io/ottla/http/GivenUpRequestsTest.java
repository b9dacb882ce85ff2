package io.ottla.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.http.json.JsonBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests whose last byte comes when their time is over, and a process that was paused. */
@Timeout(120)
class GivenUpRequestsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long PAUSE_NANOS = Duration.ofSeconds(61).toNanos();
  private static final int BODY_BYTES = 12;

  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - PAUSE_NANOS / 2);
  private final Set<String> handled = ConcurrentHashMap.newKeySet();
  private final HttpServer server = start(Duration.ofMillis(1));

  private HttpServer start(Duration lookEvery) {
    Route publish =
        Route.of(
            "POST",
            "/events",
            request -> {
              handled.add(new String(request.body(), 0, BODY_BYTES, StandardCharsets.US_ASCII));
              return Reply.json(201, new JsonBuffer(8).raw("1"));
            });
    var limits =
        new SlowClients.Limits(LIMIT, Duration.ofSeconds(30), Duration.ofMinutes(5), 1 << 20);
    return HttpServer.start(
        new HttpServer.Config("127.0.0.1", 0),
        new RouteTable(List.of(publish)),
        new SlowClients(limits, nanoTime::get, lookEvery));
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  /** A publish of which all but the last byte has been sent, and is being read. */
  private Socket begin(String id) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    String head =
        "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Connection: close\r\nExpect: 100-continue\r\nContent-Length: "
            + BODY_BYTES
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(ISO_8859_1));
    String asked = new String(socket.getInputStream().readNBytes(25), ISO_8859_1);
    assertThat(asked).startsWith("HTTP/1.1 100");
    socket.getOutputStream().write(id.substring(0, BODY_BYTES - 1).getBytes(ISO_8859_1));
    return socket;
  }

  private static void end(Socket socket, String id) {
    try {
      socket.getOutputStream().write(id.charAt(BODY_BYTES - 1));
    } catch (IOException e) {
      // The server has given it up; what it said is read.
    }
  }

  /** All that comes until the server closes. */
  private static String readAll(Socket socket) {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    try {
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        read.write(next);
      }
    } catch (IOException e) {
      // It was closed with our last byte unread: what came before counts.
    }
    return read.toString(ISO_8859_1);
  }

  @Test
  void whatIsSaidToBeNotAppendedIsNeverHandled() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Set<String> saidNot = new HashSet<>();
    for (int round = 0; round < 400; round++) {
      String id = "event-%06d".formatted(round);
      long delayNanos = random.nextInt(2_500_000);
      try (Socket socket = begin(id)) {
        nanoTime.addAndGet(PAUSE_NANOS);
        for (long from = System.nanoTime(); System.nanoTime() - from < delayNanos; ) {
          Thread.onSpinWait();
        }

        end(socket, id);

        String answer = readAll(socket);
        assertThat(answer.split("HTTP/1.1 ", -1).length - 1)
            .as("seed=%d round=%d answer=%s", seed, round, answer)
            .isLessThanOrEqualTo(1);
        if (answer.contains("\"appended\":false")) {
          saidNot.add(id);
        }
      }
    }
    assertThat(saidNot).as("seed=%d", seed).isNotEmpty().doesNotContainAnyElementsOf(handled);
  }

  @Test
  void whatHasArrivedIsNotGivenUpWhileItIsHandled() throws IOException {
    String id = "event-000000";
    try (Socket socket = begin(id)) {
      end(socket, id);
      await().until(() -> handled.contains(id));
      nanoTime.addAndGet(PAUSE_NANOS);

      assertThat(readAll(socket)).startsWith("HTTP/1.1 201");
    }
  }
}
