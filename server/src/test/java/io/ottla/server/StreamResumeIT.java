package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.server.SseClient.Message;
import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A stream that broke goes on from the last id that was seen: nothing is missed, nothing twice. */
class StreamResumeIT {
  private static final String TOPIC = "orders";
  private static final Duration SOON = Duration.ofSeconds(20);

  private final long seed = Long.getLong("ottla.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final History produced = new History();
  private final AtomicLong counter = new AtomicLong();
  private final Map<Integer, SortedMap<Long, String>> read = new TreeMap<>();
  private TestServer fixture;
  private ServerProcess server;
  private Api api;
  private Optional<String> lastId = Optional.empty();

  @TempDir private Path directory;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    fixture = new TestServer(directory);
    server = fixture.start();
    api = new Api(server.url(), SOON);
    api.post("/cluster", Api.object().put("name", "c1")).expect(201);
    api.post("/topic", Api.object().put("name", TOPIC)).expect(201);
  }

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
  void aClientThatIsCutMissesNothing() throws IOException, InterruptedException {
    Writers writers = writers();

    for (int cut = 0; cut < 20; cut++) {
      readSome(1 + random.nextInt(200));
    }
    writers.stop();

    readTheRest();
    assertEverythingWasRead();
  }

  @Test
  void aClientOfAServerThatIsKilledMissesNothing() throws IOException, InterruptedException {
    for (int kill = 0; kill < 2; kill++) {
      Writers writers = writers();
      readSome(100 + random.nextInt(300));
      server.kill();
      writers.stop();
      api.close();
      server = fixture.start();
      api = new Api(server.url(), SOON);
      TestServer.awaitReady(server, api);
    }

    readTheRest();
    assertEverythingWasRead();
  }

  @Test
  void aStatelessStreamGoesOnFromItsOffset() throws IOException, InterruptedException {
    Writers.produce(api, TOPIC, produced, counter, 900);
    String path = "/events?topic=" + TOPIC + "&partition=0";
    long next = 0;

    for (int cut = 0; cut < 5; cut++) {
      try (SseClient client = open(path)) {
        for (int i = 0; i < 40; i++) {
          JsonNode event = Api.parse(client.next(SOON).orElseThrow().data());
          assertThat(event.required("offset").asLong()).isEqualTo(next++);
        }
        lastId = client.lastId();
      }
      assertThat(lastId).contains(Long.toString(next));
    }
  }

  private Writers writers() {
    return Writers.start(api, TOPIC, produced, counter, new Writers.Pace(3, Duration.ofMillis(3)));
  }

  /** Reads so many events and cuts the connection. */
  private void readSome(int events) throws IOException {
    int wanted = readCount() + events;
    readUntil(() -> readCount() >= wanted);
  }

  private void readTheRest() throws IOException, InterruptedException {
    Map<Integer, Long> ends =
        GroupMember.offsets(
            api.get("/topic/" + TOPIC).expect(200).required("partitions"), "end_offset");
    readUntil(() -> nextOffsets().equals(ends));
  }

  /** A stream that the server ends, as coordinators move after a restart, is opened again. */
  private void readUntil(BooleanSupplier isOver) throws IOException {
    while (!isOver.getAsBoolean()) {
      try (SseClient client = open("/events?topic=" + TOPIC)) {
        Optional<Message> message = client.next(SOON);
        while (message.isPresent() && message.get().event().equals("message")) {
          take(Api.parse(message.get().data()));
          lastId = client.lastId();
          if (isOver.getAsBoolean()) {
            return;
          }
          message = client.next(SOON);
        }
        message.ifPresent(
            problem ->
                assertThat(Api.parse(problem.data()).path("retriable").asBoolean(false))
                    .as(problem.data())
                    .isTrue());
      }
    }
  }

  private int readCount() {
    return read.values().stream().mapToInt(Map::size).sum();
  }

  private Map<Integer, Long> nextOffsets() {
    Map<Integer, Long> next = new TreeMap<>();
    read.forEach((partition, values) -> next.put(partition, values.lastKey() + 1));
    return next;
  }

  /** In each partition it must be the next. */
  private void take(JsonNode event) {
    int partition = event.required("partition").asInt();
    long offset = event.required("offset").asLong();
    SortedMap<Long, String> values = read.computeIfAbsent(partition, _ -> new TreeMap<>());
    assertThat(offset)
        .as("partition %d, seed %d", partition, seed)
        .isEqualTo(values.isEmpty() ? 0 : values.lastKey() + 1);
    values.put(offset, event.required("value").asString());
  }

  /** While leadership goes home the server may have no stream to give: ask again. */
  private SseClient open(String path) {
    return Awaitility.await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> SseClient.open(server.url(), path, lastId), client -> true);
  }

  private void assertEverythingWasRead() {
    assertThat(produced.contradictions(read)).as("seed %d", seed).isEmpty();
    assertThat(produced.ackedCount()).isPositive();
  }
}
