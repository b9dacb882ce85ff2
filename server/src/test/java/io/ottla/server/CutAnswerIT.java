package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.testkit.Api;
import io.ottla.testkit.LineStream;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A client that vanishes within an answer asks again with the cursor it had, and misses nothing.
 */
class CutAnswerIT {
  private static final int EVENTS = 600;
  private static final int CUTS = 12;
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Map<String, String> NDJSON = Map.of("Accept", "application/x-ndjson");

  @TempDir private static Path directory;

  private static ServerProcess server;
  private static Api api;

  private final long seed = Long.getLong("ottla.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final History produced = new History();
  private final AtomicLong counter = new AtomicLong();
  private String topic;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = new TestServer(directory).start();
    api = new Api(server.url(), Duration.ofSeconds(20));
    api.post("/cluster", Api.object().put("name", "c1")).expect(201);
  }

  @AfterAll
  static void end() throws InterruptedException {
    if (api != null) {
      api.close();
    }
    if (server != null) {
      server.kill();
    }
  }

  @BeforeEach
  void createTopic(TestInfo test) throws IOException, InterruptedException {
    topic = test.getTestMethod().orElseThrow().getName();
    api.post("/topic", Api.object().put("name", topic)).expect(201);
  }

  @Test
  void theSameCursorGivesTheSameEventsHoweverAnswersWereCut()
      throws IOException, InterruptedException {
    produce();
    JsonNode first = api.get("/events?topic=" + topic + "&max_events=200").expect(200);
    long consumer = first.required("consumer_id").asLong();
    String path = continued(consumer, first.required("cursor").asString()) + "&max_events=200";
    JsonNode whole = api.get(path).expect(200);
    assertThat(whole.required("events").size()).isEqualTo(200);

    for (int cut = 0; cut < CUTS; cut++) {
      cut(path, Map.of());

      assertThat(api.get(path).expect(200).required("events"))
          .as("seed %d", seed)
          .isEqualTo(whole.required("events"));
    }
    JsonNode next = api.get(continued(consumer, whole.required("cursor").asString())).expect(200);
    assertThat(next.required("events").size()).isEqualTo(EVENTS - 400);
  }

  @Test
  void aFreshConsumersFirstEventsComeAgainFromItsEmptyAnswersCursor()
      throws IOException, InterruptedException {
    JsonNode empty = api.get("/events?topic=" + topic).expect(200);
    assertThat(empty.required("events").size()).isZero();
    long consumer = empty.required("consumer_id").asLong();
    produce();

    for (int cut = 0; cut < CUTS; cut++) {
      cut("/events?consumer_id=" + consumer + "&max_events=100", Map.of());
    }

    String path = continued(consumer, empty.required("cursor").asString());
    assertThat(api.get(path + "&max_events=1000").expect(200).required("events").size())
        .as("seed %d", seed)
        .isEqualTo(EVENTS);
  }

  @Test
  void aFreshConsumerWithoutAnyCursorGoesBackToTheStart() throws IOException, InterruptedException {
    JsonNode empty = api.get("/events?topic=" + topic + "&auto_commit=false").expect(200);
    long consumer = empty.required("consumer_id").asLong();
    produce();
    String path = "/events?consumer_id=" + consumer + "&max_events=1000";

    for (int cut = 0; cut < CUTS; cut++) {
      cut(path, Map.of());
      api.post("/consumer/" + consumer + "/seek", Api.object().put("to", "earliest")).expect(200);
    }

    assertThat(api.get(path).expect(200).required("events").size())
        .as("seed %d", seed)
        .isEqualTo(EVENTS);
  }

  @Test
  void theSameCursorGivesTheSameLinesHoweverAnswersWereCut()
      throws IOException, InterruptedException {
    produce();
    JsonNode first = api.get("/events?topic=" + topic + "&max_events=200").expect(200);
    long consumer = first.required("consumer_id").asLong();
    String path = continued(consumer, first.required("cursor").asString()) + "&max_events=200";
    Lines whole = lines(path);
    assertThat(whole.lines()).hasSize(200);

    for (int cut = 0; cut < CUTS; cut++) {
      cut(path, NDJSON);

      assertThat(lines(path)).as("seed %d", seed).isEqualTo(whole);
    }
    assertThat(lines(continued(consumer, whole.cursor())).lines()).hasSize(EVENTS - 400);
  }

  /** An answer as lines. */
  private record Lines(List<String> lines, String cursor) {}

  private Lines lines(String path) throws IOException {
    List<String> lines = new ArrayList<>();
    try (LineStream stream = LineStream.open(server.url(), path, NDJSON)) {
      assertThat(stream.status()).isEqualTo(200);
      Optional<String> line = stream.readLine(SOON);
      while (line.isPresent()) {
        lines.add(line.get());
        line = stream.readLine(SOON);
      }
      return new Lines(lines, stream.header("Ottla-Cursor").orElseThrow());
    }
  }

  /** Every fourth cut is within the head. */
  private void cut(String path, Map<String, String> headers) throws IOException {
    int limitBytes = random.nextInt(4) == 0 ? random.nextInt(120) : random.nextInt(20_000);
    byte[] read = CutConnection.get(server.url(), path, headers, limitBytes, random.nextBoolean());
    if (read.length > 12) {
      assertThat(new String(read, 0, 12, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
    }
  }

  private static String continued(long consumer, String cursor) {
    return "/events?consumer_id=" + consumer + "&cursor=" + cursor;
  }

  private void produce() throws IOException, InterruptedException {
    Writers.produce(api, topic, produced, counter, EVENTS);
  }
}
