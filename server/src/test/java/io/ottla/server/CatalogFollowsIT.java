package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Commits show in the SQL view of every broker, and as plain JSON in the offsets' topic. */
class CatalogFollowsIT {
  private static final String TOPIC = "orders";
  private static final String GROUP = "g1";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String COMMITS =
      "SELECT c.partition_number, c.\"offset\" FROM offset_commitments c"
          + " JOIN consumer_groups g ON g.id = c.consumer_group_id"
          + " JOIN topics t ON t.id = c.topic_id"
          + " WHERE g.group_name = 'g1' AND t.name = 'orders'";

  @TempDir private static Path directory;

  private static ServerProcess server;
  private static Api api;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = new TestServer(directory).start();
    api = new Api(server.url(), Duration.ofSeconds(20));
    api.post("/cluster", Api.object().put("name", "c1")).expect(201);
    api.post("/topic", Api.object().put("name", TOPIC)).expect(201);
    Writers.produce(api, TOPIC, new History(), new AtomicLong(), 300);
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

  @Test
  void theCatalogsOfAllBrokersShowTheCommits() throws IOException, InterruptedException {
    assumeThat(hasSqlite()).as("sqlite3 is not on the PATH").isTrue();

    for (int round = 0; round < 3; round++) {
      Map<Integer, Long> committed = pollAndCommit();

      for (int broker = 1; broker <= 3; broker++) {
        Path catalog = directory.resolve("data/c1/broker-" + broker + "/catalog.db");
        await().untilAsserted(() -> assertThat(commitsIn(catalog)).isEqualTo(committed));
      }
    }
  }

  @Test
  void theOffsetsTopicHoldsTheCommitsAsPlainJson() throws IOException, InterruptedException {
    for (int round = 0; round < 3; round++) {
      Map<Integer, Long> committed = pollAndCommit();

      assertThat(lastCommits(offsetsPartition())).isEqualTo(committed);
    }
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
  }

  /** As {@code GET /offset} says afterwards. */
  private static Map<Integer, Long> pollAndCommit() throws IOException, InterruptedException {
    JsonNode poll =
        api.get("/events?topic=" + TOPIC + "&group=" + GROUP + "&max_events=70&auto_commit=false")
            .expect(200);
    long consumer = poll.required("consumer_id").asLong();
    api.post("/offset", Api.object().put("consumer_id", consumer)).expect(200);
    JsonNode offsets = api.get("/offset?group=" + GROUP + "&topic=" + TOPIC).expect(200);
    api.delete("/consumer/" + consumer).expect(204);
    Map<Integer, Long> committed = GroupMember.offsets(offsets.required("partitions"), "committed");
    assertThat(committed).isNotEmpty();
    return committed;
  }

  private static int offsetsPartition() throws IOException, InterruptedException {
    return api.get("/group/" + GROUP).expect(200).required("offsets_partition").asInt();
  }

  /** The newest record of each key, by the partition that the key names. */
  private static Map<Integer, Long> lastCommits(int partition)
      throws IOException, InterruptedException {
    Map<Integer, Long> commits = new TreeMap<>();
    String path =
        "/events?topic=__consumer_offsets&partition=" + partition + "&max_events=100000&offset=";
    long offset = 0;
    while (true) {
      JsonNode answer = api.get(path + offset).expect(200);
      for (JsonNode event : answer.required("events")) {
        takeCommit(event, commits);
      }
      if (answer.required("next_offset").asLong() == offset) {
        return commits;
      }
      offset = answer.required("next_offset").asLong();
    }
  }

  private static void takeCommit(JsonNode event, Map<Integer, Long> commits) {
    JsonNode key = Api.parse(event.required("key").asString());
    boolean ours =
        key.required("type").asString().equals("offset")
            && key.required("group").asString().equals(GROUP)
            && key.required("topic").asString().equals(TOPIC);
    if (ours && event.required("value").isNull()) {
      commits.remove(key.required("partition").asInt());
    } else if (ours) {
      commits.put(
          key.required("partition").asInt(), event.required("value").required("offset").asLong());
    }
  }

  private static boolean hasSqlite() throws InterruptedException {
    try {
      return new ProcessBuilder("sqlite3", "-version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Map<Integer, Long> commitsIn(Path catalog)
      throws IOException, InterruptedException {
    Process sqlite =
        new ProcessBuilder(
                "sqlite3", "-readonly", "-cmd", ".timeout 5000", catalog.toString(), COMMITS)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String rows = new String(sqlite.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(sqlite.waitFor()).isZero();
    Map<Integer, Long> commits = new TreeMap<>();
    rows.lines()
        .forEach(
            row -> {
              int bar = row.indexOf('|');
              commits.put(
                  Integer.valueOf(row.substring(0, bar)), Long.valueOf(row.substring(bar + 1)));
            });
    return commits;
  }
}
