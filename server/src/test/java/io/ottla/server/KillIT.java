package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;

/** {@code kill -9} under load, again and again, on the same data directory. */
@Isolated("it measures how long something takes")
class KillIT {
  private static final int KILLS = 3;
  private static final String TOPIC = "orders";

  private final long seed = Long.getLong("ottla.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final History history = new History();
  private final AtomicLong counter = new AtomicLong();
  private ServerProcess server;

  @TempDir private Path directory;

  @AfterEach
  void end() throws InterruptedException {
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void nothingAcknowledgedIsLostOrDoubledByKills() throws IOException, InterruptedException {
    TestServer fixture = new TestServer(directory);
    List<Duration> readyTimes = new ArrayList<>();
    Map<Integer, Long> committed = Map.of();
    long consumer = -1;

    server = fixture.start();
    try (Api api = api()) {
      api.post("/cluster", Api.object().put("name", "c1")).expect(201);
      api.post("/topic", Api.object().put("name", TOPIC)).expect(201);
    }
    for (int kill = 0; kill < KILLS; kill++) {
      try (Api api = api()) {
        Writers writers = Writers.start(api, TOPIC, history, counter);
        awaitAcks(200 + random.nextInt(1_500));
        String polling = "/events?topic=" + TOPIC + consumerQuery(consumer);
        JsonNode poll = onceLed(() -> api.get(polling));
        consumer = poll.required("consumer_id").asLong();
        committed = commit(api, consumer, poll.required("cursor").asString());
        awaitAcks(200 + random.nextInt(1_500));
        server.kill();
        writers.stop();
      }
      server = fixture.start();
      try (Api api = api()) {
        readyTimes.add(TestServer.awaitReady(server, api));
        assertThat(committed(api, consumer)).as("commits, seed %d", seed).isEqualTo(committed);
      }
    }

    try (Api api = api()) {
      var read = TopicReader.readAll(api, TOPIC);
      assertThat(history.contradictions(read)).as("anomalies, seed %d", seed).isEmpty();
      awaitIdenticalReplicas(api, fixture.dataDirectory());
    }
    System.out.printf(
        "seed %d: %d kills, %d acked, %d unknown, ready after %s%n",
        seed, KILLS, history.ackedCount(), history.unknownCount(), readyTimes);
  }

  private Api api() {
    return new Api(server.url(), Duration.ofSeconds(20));
  }

  private static String consumerQuery(long consumer) {
    return "&auto_commit=false&max_events=1000" + (consumer < 0 ? "" : "&consumer_id=" + consumer);
  }

  /** While leadership goes back to the preferred brokers the answer may be 503: ask again. */
  private static JsonNode onceLed(Callable<Api.Reply> request) {
    Api.Reply reply =
        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .pollInterval(Duration.ofMillis(20))
            .until(request, answer -> answer.status() != 503);
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(200);
    return reply.body();
  }

  /** So many more than now. */
  private void awaitAcks(int more) {
    int wanted = history.ackedCount() + more;
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> history.ackedCount() >= wanted);
  }

  /** By cursor, as the coordinator may have moved since the poll and forgotten the position. */
  private static Map<Integer, Long> commit(Api api, long consumer, String cursor) {
    var request = Api.object().put("consumer_id", consumer).put("cursor", cursor);
    JsonNode answer = onceLed(() -> api.post("/offset", request));
    Map<Integer, Long> committed = new TreeMap<>();
    for (JsonNode row : answer.required("committed")) {
      committed.put(row.required("partition").asInt(), row.required("offset").asLong());
    }
    assertThat(committed).isNotEmpty();
    return committed;
  }

  private static Map<Integer, Long> committed(Api api, long consumer)
      throws IOException, InterruptedException {
    JsonNode answer = onceLed(() -> api.get("/offset?consumer_id=" + consumer));
    Map<Integer, Long> committed = new TreeMap<>();
    for (JsonNode row : answer.required("partitions")) {
      if (row.path("committed").isNumber()) {
        committed.put(row.required("partition").asInt(), row.required("committed").asLong());
      }
    }
    return committed;
  }

  private static void awaitIdenticalReplicas(Api api, Path dataDirectory) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () -> {
              JsonNode topic = api.get("/topic/" + TOPIC).expect(200);
              for (JsonNode partition : topic.required("partitions")) {
                assertReplicasAreIdentical(partition, dataDirectory);
              }
            });
  }

  private static void assertReplicasAreIdentical(JsonNode partition, Path dataDirectory)
      throws IOException {
    List<Path> directories = new ArrayList<>();
    for (JsonNode replica : partition.required("replica_details")) {
      assertThat(replica.required("end_offset")).isEqualTo(partition.required("end_offset"));
      directories.add(dataDirectory.resolve(replica.required("directory").asString()));
    }
    assertThat(directories).hasSize(3);
    List<String> names = logFiles(directories.getFirst());
    assertThat(names).isNotEmpty();
    for (Path directory : directories) {
      assertThat(logFiles(directory)).isEqualTo(names);
      for (String name : names) {
        assertThat(directory.resolve(name))
            .hasSameBinaryContentAs(directories.getFirst().resolve(name));
      }
    }
  }

  private static List<String> logFiles(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".log"))
          .sorted()
          .toList();
    }
  }
}
