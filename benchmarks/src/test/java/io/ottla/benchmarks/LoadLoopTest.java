package io.ottla.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Against the JDK's own server, which counts what it is sent. */
class LoadLoopTest {
  @Test
  void countsWhatTheServerTookAndWhatItRefused() throws IOException {
    AtomicLong created = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    HttpServer server = server(created, refused);
    server.start();
    try {
      LoadResult result = load(server.getAddress(), new Scenario("test", 5, 3));

      assertThat(result.ackedEvents()).isEqualTo(created.get() * 3).isPositive();
      assertThat(result.otherStatuses()).containsOnlyKeys(503).containsEntry(503, refused.get());
      assertThat(result.eventsPerSecond()).isPositive();
      assertThat(result.latencyMillis(99)).isBetween(result.latencyMillis(50), 2_000.0);
    } finally {
      server.stop(0);
    }
  }

  private static LoadResult load(InetSocketAddress address, Scenario scenario) throws IOException {
    EventSource events = EventSource.random(300, 1, true);
    RequestRing requests = RequestRing.of("localhost", "t", scenario.eventsPerRequest(), events);
    return new LoadLoop(address, requests, scenario)
        .run(Duration.ofMillis(50), Duration.ofMillis(500));
  }

  /** Takes well-formed batches of three events and refuses every second of them. */
  private static HttpServer server(AtomicLong created, AtomicLong refused) throws IOException {
    JsonMapper mapper = new JsonMapper();
    AtomicLong requests = new AtomicLong();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/events",
        exchange -> {
          var body = mapper.readTree(exchange.getRequestBody().readAllBytes());
          boolean wellFormed = body.path("events").size() == 3;
          boolean accepted = wellFormed && requests.incrementAndGet() % 2 != 0;
          (accepted ? created : refused).incrementAndGet();
          byte[] answer = "{}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(accepted ? 201 : 503, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    return server;
  }
}
