package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A real browser's {@code EventSource} gets every event in order, whatever the server does. */
class BrowserStreamIT {
  private static final String TOPIC = "orders";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String OPEN =
      """
      window.got = [];
      window.opened = 0;
      window.source = new EventSource('/events?topic=orders');
      window.problems = [];
      source.onopen = () => opened++;
      source.addEventListener('problem', message => problems.push(message.data));
      source.onmessage = message => {
        const event = JSON.parse(message.data);
        got.push([event.partition, event.offset, event.value]);
      };
      """;

  /** Ready state 2 = the browser has given up. */
  private static final String STATE =
      "JSON.stringify({readyState: source.readyState, opened: opened, problems: problems})";

  private final History produced = new History();
  private final AtomicLong counter = new AtomicLong();
  private ServerProcess server;
  private Api api;

  @TempDir private Path directory;

  @AfterEach
  void end() throws InterruptedException {
    if (api != null) {
      api.close();
    }
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void aBrowserMissesNothingWhenTheServerIsKilledAndStartedAgain()
      throws IOException, InterruptedException {
    Optional<Path> browser = Chromium.find();
    assumeThat(browser).as("no Chromium or Chrome on the PATH").isPresent();
    TestServer fixture = new TestServer(directory);
    start(fixture, 0);
    api.post("/cluster", Api.object().put("name", "c1")).expect(201);
    api.post("/topic", Api.object().put("name", TOPIC)).expect(201);
    produce(500);

    try (Chromium chromium =
        Chromium.start(
            browser.get(), directory.resolve("profile"), server.url().resolve("/health/live"))) {
      chromium.evaluate(OPEN);
      awaitCount(chromium, 500);
      int port = server.url().getPort();
      for (int kill = 1; kill <= 2; kill++) {
        Writers writers = Writers.start(api, TOPIC, produced, counter, pace());
        awaitCount(chromium, produced.ackedCount() + 100);
        server.kill();
        writers.stop();
        api.close();
        start(fixture, port);
        produce(300);
        awaitEverything(chromium);
      }

      assertThat(produced.contradictions(got(chromium))).isEmpty();
      assertThat(chromium.evaluate("opened").asInt()).isGreaterThanOrEqualTo(3);
    }
  }

  private void start(TestServer fixture, int port) throws IOException, InterruptedException {
    server = fixture.start(port);
    api = new Api(server.url(), PATIENCE);
    TestServer.awaitReady(server, api);
  }

  private void produce(int events) throws IOException, InterruptedException {
    Writers.produce(api, TOPIC, produced, counter, events);
  }

  private static Writers.Pace pace() {
    return new Writers.Pace(2, Duration.ofMillis(10));
  }

  private static void awaitCount(Chromium chromium, int count) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () ->
                assertThat(chromium.evaluate("got.length").asInt())
                    .as("%s", chromium.evaluate(STATE))
                    .isGreaterThanOrEqualTo(count));
  }

  /** Its reconnects are its own: a few seconds after a failure. */
  private void awaitEverything(Chromium chromium) throws IOException, InterruptedException {
    long stored = 0;
    JsonNode topic = api.get("/topic/" + TOPIC).expect(200);
    for (JsonNode partition : topic.required("partitions")) {
      stored += partition.required("end_offset").asLong();
    }
    awaitCount(chromium, (int) stored);
  }

  /** In each partition every event must be the next: none twice, none out of order. */
  private static Map<Integer, SortedMap<Long, String>> got(Chromium chromium)
      throws IOException, InterruptedException {
    Map<Integer, SortedMap<Long, String>> got = new TreeMap<>();
    for (JsonNode event : chromium.evaluate("got")) {
      SortedMap<Long, String> values =
          got.computeIfAbsent(event.required(0).asInt(), _ -> new TreeMap<>());
      long offset = event.required(1).asLong();
      assertThat(offset).isEqualTo(values.isEmpty() ? 0 : values.lastKey() + 1);
      values.put(offset, event.required(2).asString());
    }
    return got;
  }
}
