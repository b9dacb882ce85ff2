package io.ottla.http.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.http.api.Api.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code /cluster}, {@code /topic} and {@code /health}, end to end over a real deployment. */
class ClustersTest {
  @TempDir static Path directory;

  private static ServedDeployment served;
  private static Api api;

  @BeforeAll
  static void start() throws IOException {
    served = ServedDeployment.open(directory);
    api = served.api();
    api.post("/cluster", "{\"name\":\"c1\"}").ok(201);
  }

  @AfterAll
  static void stop() throws IOException {
    served.close();
  }

  @Test
  void comparesTheReplicasOfACluster() {
    api.post("/topic", "{\"name\":\"compared\",\"cluster\":\"c1\",\"partitions\":2}").ok(201);
    api.post("/events", "{\"topic\":\"compared\",\"value\":1}").ok(201);

    // A follower makes the partitions a moment later.
    JsonNode check =
        await()
            .until(
                () -> api.get("/cluster/c1/check?topic=compared").ok(200),
                found -> found.get("complete").asBoolean());

    assertThat(check.propertyNames()).containsExactly("cluster", "equal", "complete", "partitions");
    assertThat(check.get("equal").asBoolean()).isTrue();
    assertThat(check.get("partitions")).hasSize(2);
    assertThat(check.get("partitions").get(0).propertyNames())
        .containsExactly(
            "topic",
            "partition",
            "brokers",
            "missing",
            "start_offset",
            "end_offset",
            "compared_offsets",
            "compared_bytes",
            "equal",
            "differing",
            "damaged");
    api.get("/cluster/c1/check?cursor=elsewhere").problem(400, "invalid_request");
    api.get("/cluster/nowhere/check").problem(404, "cluster_not_found");
    api.get("/cluster/c1/check?topic=nothing").problem(404, "topic_not_found");
  }

  @Test
  void makesAClusterOfThreeBrokersFromItsNameAlone() {
    JsonNode cluster = api.get("/cluster/c1").ok(200);

    assertThat(cluster.get("cluster_id").asString()).hasSize(36);
    assertThat(cluster.get("name").asString()).isEqualTo("c1");
    assertThat(cluster.get("num_brokers").asInt()).isEqualTo(3);
    assertThat(cluster.get("replication_factor").asInt()).isEqualTo(3);
    assertThat(cluster.get("tolerated_failures").asInt()).isEqualTo(1);
    assertThat(cluster.get("log_directory").asString()).isEqualTo("c1");
    assertThat(cluster.get("partitions").asInt()).isEqualTo(3);
    assertThat(cluster.get("retention_policies").asInt()).isEqualTo(168);
    assertThat(Instant.parse(cluster.get("created_at").asString())).isBefore(Instant.MAX);
    assertThat(cluster.get("brokers")).hasSize(3);
    JsonNode broker = cluster.get("brokers").get(1);
    assertThat(broker.propertyNames()).containsExactly("id", "host", "port", "state", "directory");
    assertThat(broker.get("id").asInt()).isEqualTo(2);
    assertThat(broker.get("state").asString()).isEqualTo("running");
    assertThat(directory.resolve(broker.get("directory").asString())).isDirectory();
  }

  @Test
  void showsWhatWasSetAside() throws IOException {
    Path aside = directory.resolve("c1/broker-2.set-aside-20260102T030405Z-older-copy");
    assertThat(api.get("/cluster/c1").ok(200).get("set_aside")).isEmpty();
    Files.createDirectories(aside.resolve("topics"));
    Files.write(aside.resolve("topics/some"), new byte[10]);

    JsonNode shown = api.get("/cluster/c1").ok(200).get("set_aside");

    assertThat(shown).hasSize(1);
    assertThat(shown.get(0).get("path").asString()).isEqualTo(aside.toRealPath().toString());
    assertThat(shown.get(0).get("since").asString()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(shown.get(0).get("size_bytes").asLong()).isEqualTo(10);
    assertThat(shown.get(0).get("reason").asString()).isEqualTo("older-copy");
    Files.delete(aside.resolve("topics/some"));
    Files.delete(aside.resolve("topics"));
    Files.delete(aside);
  }

  @Test
  void makesAClusterAsItIsDescribedAndRemovesIt() throws IOException {
    JsonNode made =
        api.post(
                "/cluster",
                "{\"name\":\"one\",\"num_brokers\":1,\"log_directory\":\"deep/er\",\"partitions\":2,"
                    + "\"retention_policies\":0.5}")
            .ok(201);

    assertThat(made.get("replication_factor").asInt()).isEqualTo(1);
    assertThat(made.get("tolerated_failures").asInt()).isZero();
    assertThat(made.get("retention_policies").asDouble()).isEqualTo(0.5);
    assertThat(directory.resolve("deep/er/broker-1")).isDirectory();
    JsonNode topic = api.post("/topic", "{\"name\":\"t\",\"cluster\":\"one\"}").ok(201);
    assertThat(topic.get("partitions")).hasSize(2);
    assertThat(topic.get("retention_policies").asDouble()).isEqualTo(0.5);

    Answer removed = api.delete("/cluster/one");

    assertThat(removed.status()).isEqualTo(204);
    assertThat(removed.text()).isEmpty();
    assertThat(directory.resolve("deep/er")).doesNotExist();
    api.get("/cluster/one").problem(404, "cluster_not_found");
    api.delete("/cluster/one").problem(404, "cluster_not_found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name               | {}",
        "name               | ''",
        "name               | {\"name\":null}",
        "name               | {\"name\":7}",
        "name               | {\"name\":\"\"}",
        "name               | {\"name\":\"../x\"}",
        "name               | {\"name\":\"a/b\"}",
        "name               | {\"name\":\".hidden\"}",
        "name               | {\"name\":\"a b\"}",
        "name               | {\"name\":\"x\",\"name\":\"x\"}",
        "num_brokers        | {\"name\":\"x\",\"num_brokers\":0}",
        "num_brokers        | {\"name\":\"x\",\"num_brokers\":10}",
        "num_brokers        | {\"name\":\"x\",\"num_brokers\":\"3\"}",
        "num_brokers        | {\"name\":\"x\",\"num_brokers\":2.5}",
        "partitions         | {\"name\":\"x\",\"partitions\":0}",
        "partitions         | {\"name\":\"x\",\"partitions\":1001}",
        "retention_policies | {\"name\":\"x\",\"retention_policies\":0}",
        "retention_policies | {\"name\":\"x\",\"retention_policies\":-2}",
        "retention_policies | {\"name\":\"x\",\"retention_policies\":\"168\"}",
        "retention_policies | {\"name\":\"x\",\"retention_policies\":1e99}",
        "log_directory      | {\"name\":\"x\",\"log_directory\":\"../x\"}",
        "log_directory      | {\"name\":\"x\",\"log_directory\":\"/etc\"}",
        "log_directory      | {\"name\":\"x\",\"log_directory\":\"a/../b\"}",
        "log_directory      | {\"name\":\"x\",\"log_directory\":\"\"}",
        "log_directory      | {\"name\":\"x\",\"log_directory\":\"a//b\"}",
        "log_directory      | {\"name\":\"x\",\"log_directory\":\"a/b/c/d/e\"}",
        "log_directory      | {\"name\":\"x\",\"log_directory\":\"a\\u0000b\"}",
        "log_directory      | {\"name\":\"x\",\"log_directory\":5}",
        "brokers            | {\"name\":\"x\",\"brokers\":3}"
      })
  void createsNothingOfABadCluster(String field, String body) throws IOException {
    List<Path> before = files();

    api.post("/cluster", body).invalid(field);

    assertThat(api.get("/cluster").ok(200).get("clusters")).hasSize(1);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void createsNothingThroughASymbolicLink() throws IOException {
    Path outside = Files.createTempDirectory("outside");
    Files.createSymbolicLink(directory.resolve("link"), outside);

    api.post("/cluster", "{\"name\":\"x\",\"log_directory\":\"link/x\"}").invalid("log_directory");

    assertThat(outside).isEmptyDirectory();
    Files.delete(directory.resolve("link"));
    Files.delete(outside);
  }

  @Test
  void refusesAClusterOrADirectoryThatExists() {
    api.post("/cluster", "{\"name\":\"c1\",\"log_directory\":\"elsewhere\"}")
        .problem(409, "cluster_exists");
    api.post("/cluster", "{\"name\":\"c2\",\"log_directory\":\"c1\"}")
        .problem(409, "log_directory_in_use");
    api.post("/cluster", "{\"name\":\"c2\",\"log_directory\":\"c1/in\"}")
        .problem(409, "log_directory_in_use");
  }

  @Test
  void stopsAndStartsABrokerThatLeadsAgainThen() {
    String broker = "/cluster/c1/brokers/3";
    api.post("/topic", "{\"name\":\"led\",\"cluster\":\"c1\",\"partitions\":3}").ok(201);
    List<JsonNode> leaders = leaders("led");

    Answer stopped = api.post(broker + "/stop", "{\"mode\":\"crash\"}");
    Answer again = api.post(broker + "/stop", null);
    JsonNode seen = api.get("/cluster/c1").ok(200).get("brokers").get(2);
    Answer started = api.post(broker + "/start", null);

    assertThat(stopped.text()).isEqualTo("{\"id\":3,\"state\":\"stopped\"}");
    assertThat(again.text()).isEqualTo(stopped.text());
    assertThat(seen.get("state").asString()).isEqualTo("stopped");
    assertThat(started.text()).isEqualTo("{\"id\":3,\"state\":\"running\"}");
    assertThat(api.post(broker + "/start", "{}").text()).isEqualTo(started.text());
    assertThat(api.post(broker + "/stop", "{\"mode\":\"clean\"}").text()).isEqualTo(stopped.text());
    assertThat(api.post(broker + "/start", null).text()).isEqualTo(started.text());
    await().until(() -> leaders("led"), leaders::equals);
    assertThat(api.get("/health/ready").status()).isEqualTo(200);
  }

  /** Of its partitions; null where there is none just then. */
  private static List<JsonNode> leaders(String topic) {
    return api.get("/topic/" + topic + "?cluster=c1").ok(200).get("partitions").values().stream()
        .map(partition -> partition.get("leader"))
        .toList();
  }

  @Test
  void refusesToStopWhatIsNotThere() {
    api.post("/cluster/c1/brokers/1/stop", "{\"mode\":\"kick\"}").invalid("mode");
    api.post("/cluster/c1/brokers/1/stop", "{\"how\":\"clean\"}").invalid("how");
    api.post("/cluster/c1/brokers/x/stop", null).invalid("id");
    api.post("/cluster/c1/brokers/4/stop", null).problem(404, "broker_not_found");
    api.post("/cluster/c9/brokers/1/start", null).problem(404, "cluster_not_found");
    api.get("/cluster/c1/brokers/1/stop").problem(405, "method_not_allowed");
  }

  @Test
  void makesShowsChangesAndRemovesATopic() {
    JsonNode made =
        api.post(
                "/topic",
                "{\"name\":\"liked\",\"cluster\":\"c1\",\"partitions\":2,\"retention_policies\":-1,"
                    + "\"retention_bytes\":1000000,\"segment_bytes\":65536,\"compression\":\"zstd\","
                    + "\"cleanup_policy\":\"delete\",\"max_record_bytes\":3145728}")
            .ok(201);
    api.post("/events", "{\"topic\":\"liked\",\"partition\":1,\"value\":1}").ok(201);
    JsonNode shown = api.get("/topic/liked?cluster=c1").ok(200);

    assertThat(made.get("topic_id").asString()).hasSize(36);
    assertThat(made.get("cluster").asString()).isEqualTo("c1");
    assertThat(made.get("retention_policies").asInt()).isEqualTo(-1);
    assertThat(made.get("retention_bytes").asInt()).isEqualTo(1000000);
    assertThat(made.get("compression").asString()).isEqualTo("zstd");
    assertThat(shown.get("topic_id")).isEqualTo(made.get("topic_id"));
    JsonNode partition = shown.get("partitions").get(1);
    assertThat(partition.get("leader").asInt()).isBetween(1, 3);
    assertThat(partition.get("replicas")).hasSize(3);
    assertThat(partition.get("start_offset").asInt()).isZero();
    assertThat(partition.get("end_offset").asInt()).isEqualTo(1);
    assertThat(partition.get("replica_details").get(0).propertyNames())
        .containsExactly("broker", "directory", "start_offset", "end_offset", "size_bytes");
    assertThat(api.get("/cluster/c1").ok(200).get("topics").toString()).contains("\"liked\"");
    assertThat(api.get("/topic?cluster=c1").ok(200).get("topics").toString()).contains("\"liked\"");

    JsonNode changed =
        api.send("PATCH", "/topic/liked", "{\"partitions\":4,\"compression\":\"none\"}").ok(200);
    api.send("PATCH", "/topic/liked", "{\"partitions\":3}")
        .problem(422, "partitions_cannot_shrink");
    api.send("PATCH", "/topic/liked", "{\"segment_bytes\":65536}").invalid("segment_bytes");

    assertThat(changed.get("partitions")).hasSize(4);
    assertThat(changed.get("compression").asString()).isEqualTo("none");
    assertThat(changed.get("retention_bytes").asInt()).isEqualTo(1000000);

    assertThat(api.delete("/topic/liked").status()).isEqualTo(204);
    api.get("/topic/liked").problem(404, "topic_not_found");
    api.delete("/topic/liked").problem(404, "topic_not_found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | name               | {}",
        "400 | name               | {\"name\":\"..\"}",
        "400 | name               | {\"name\":\"a/b\"}",
        "400 | name               | {\"name\":\"ü\"}",
        "403 | name               | {\"name\":\"__mine\"}",
        "400 | cluster            | {\"name\":\"x\",\"cluster\":1}",
        "400 | partitions         | {\"name\":\"x\",\"partitions\":0}",
        "400 | partitions         | {\"name\":\"x\",\"partitions\":99999999999}",
        "400 | retention_policies | {\"name\":\"x\",\"retention_policies\":-0.5}",
        "400 | retention_bytes    | {\"name\":\"x\",\"retention_bytes\":-2}",
        "400 | retention_bytes    | {\"name\":\"x\",\"retention_bytes\":0}",
        "400 | segment_bytes      | {\"name\":\"x\",\"segment_bytes\":1}",
        "400 | compression        | {\"name\":\"x\",\"compression\":\"rar\"}",
        "400 | cleanup_policy     | {\"name\":\"x\",\"cleanup_policy\":\"keep\"}",
        "400 | max_record_bytes   | {\"name\":\"x\",\"max_record_bytes\":3145729}",
        "400 | max_record_bytes   | {\"name\":\"x\",\"max_record_bytes\":0}",
        "400 | replicas           | {\"name\":\"x\",\"replicas\":3}"
      })
  void createsNothingOfABadTopic(int status, String field, String body) {
    Answer answer = api.post("/topic", body);

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.json().path("field").asString("")).isEqualTo(field);
    api.get("/topic/x").problem(404, "topic_not_found");
  }

  @Test
  void asksForTheClusterWhereItIsAmbiguous() {
    api.post("/cluster", "{\"name\":\"c3\",\"num_brokers\":1}").ok(201);
    api.post("/topic", "{\"name\":\"twice\",\"cluster\":\"c1\"}").ok(201);
    api.post("/topic", "{\"name\":\"twice\",\"cluster\":\"c3\"}").ok(201);
    api.post("/topic", "{\"name\":\"twice\",\"cluster\":\"c3\"}").problem(409, "topic_exists");

    JsonNode ambiguous =
        api.post("/events", "{\"topic\":\"twice\",\"value\":1}").problem(400, "cluster_required");
    JsonNode noCluster =
        api.post("/topic", "{\"name\":\"third\"}").problem(400, "cluster_required");

    assertThat(ambiguous.get("candidates").toString()).contains("c1", "c3");
    assertThat(ambiguous.get("appended").asBoolean(true)).isFalse();
    assertThat(noCluster.get("candidates")).hasSize(2);
    api.post("/events", "{\"topic\":\"twice\",\"cluster\":\"c3\",\"value\":1}").ok(201);
    api.get("/topic/twice").problem(400, "cluster_required");
    api.get("/topic/twice?cluster=c3").ok(200);
    assertThat(api.delete("/cluster/c3").status()).isEqualTo(204);
    api.post("/events", "{\"topic\":\"twice\",\"value\":1}").ok(201);
    assertThat(api.delete("/topic/twice").status()).isEqualTo(204);
  }

  @Test
  void saysThatItLivesAndIsReady() {
    assertThat(api.get("/health/live").ok(200).get("status").asString()).isEqualTo("live");
    assertThat(api.get("/health/ready").ok(200).get("status").asString()).isEqualTo("ready");
    api.get("/health/ready?verbose=1").invalid("verbose");
    api.get("/health").problem(404, "route_not_found");
    api.get("/metrics").problem(404, "route_not_found");
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
