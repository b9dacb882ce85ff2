package io.ottla.http.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code /consumer}, end to end over a real deployment of two clusters. */
class ConsumersTest {
  @TempDir static Path directory;

  private static ServedDeployment served;
  private static Api api;

  @BeforeAll
  static void start() throws IOException {
    served = ServedDeployment.open(directory);
    api = served.api();
    for (String cluster : List.of("c1", "c2")) {
      api.post("/cluster", "{\"name\":\"" + cluster + "\",\"num_brokers\":1}").ok(201);
    }
    for (String topic : List.of("likes", "seen", "both")) {
      api.post("/topic", "{\"name\":\"" + topic + "\",\"cluster\":\"c1\"}").ok(201);
    }
    api.post("/topic", "{\"name\":\"both\",\"cluster\":\"c2\"}").ok(201);
    api.post("/topic", "{\"name\":\"elsewhere\",\"cluster\":\"c2\"}").ok(201);
    api.post(
            "/events",
            "{\"topic\":\"likes\",\"events\":[{\"partition\":0,\"value\":1},"
                + "{\"partition\":0,\"value\":2},{\"partition\":1,\"value\":3}]}")
        .ok(201);
  }

  @AfterAll
  static void stop() throws IOException {
    served.close();
  }

  @Test
  void makesAConsumerOfSeveralTopics() {
    JsonNode made = make("{\"topics\":[\"seen\",\"likes\"]}");
    long id = made.get("consumer_id").asLong();

    assertThat(made.propertyNames())
        .containsExactly("consumer_id", "group", "generation", "assignment", "revoking");
    assertThat(made.get("group").asString()).isEqualTo("consumer-" + id);
    assertThat(made.get("generation").asInt()).isEqualTo(1);
    assertThat(made.get("assignment")).hasSize(6);
    assertThat(made.get("assignment").get(0).propertyNames()).containsExactly("topic", "partition");
    assertThat(api.get("/events?consumer_id=" + id).ok(200).get("events")).hasSize(3);
  }

  @Test
  void showsAConsumerAsItWasMade() {
    long id =
        make("{\"topics\":[\"both\"],\"cluster\":\"c2\",\"group\":\"shown\",\"from\":\"latest\","
                + "\"session_timeout_ms\":1000,\"auto_commit\":false}")
            .get("consumer_id")
            .asLong();

    JsonNode seen = api.get("/consumer/" + id).ok(200);

    assertThat(seen.propertyNames())
        .containsExactly(
            "consumer_id",
            "group",
            "cluster",
            "topics",
            "from",
            "session_timeout_ms",
            "auto_commit",
            "active",
            "generation",
            "assignment",
            "revoking",
            "created_at");
    assertThat(seen.get("consumer_id").asLong()).isEqualTo(id).isGreaterThan(1L << 32);
    assertThat(seen.get("cluster").asString()).isEqualTo("c2");
    assertThat(seen.get("topics").get(0).asString()).isEqualTo("both");
    assertThat(seen.get("from").asString()).isEqualTo("latest");
    assertThat(seen.get("session_timeout_ms").asInt()).isEqualTo(1000);
    assertThat(seen.get("auto_commit").asBoolean(true)).isFalse();
    assertThat(seen.get("assignment")).hasSize(3);
    assertThat(Instant.parse(seen.get("created_at").asString())).isBeforeOrEqualTo(Instant.now());
  }

  @Test
  void usesTheDefaultsAndKeepsATimeAsMilliseconds() {
    long plain = make("{\"topics\":[\"likes\"]}").get("consumer_id").asLong();
    long timed =
        make("{\"topics\":[\"likes\"],\"from\":\"1970-01-01T00:00:01Z\"}")
            .get("consumer_id")
            .asLong();

    JsonNode seen = api.get("/consumer/" + plain).ok(200);

    assertThat(seen.get("from").asString()).isEqualTo("earliest");
    assertThat(seen.get("session_timeout_ms").asInt()).isEqualTo(45_000);
    assertThat(seen.get("auto_commit").asBoolean()).isTrue();
    assertThat(seen.get("active").asBoolean()).isTrue();
    assertThat(api.get("/consumer/" + timed).ok(200).get("from").asLong()).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "topics             | {}",
        "topics             | {\"topics\":null}",
        "topics             | {\"topics\":[]}",
        "topics             | {\"topics\":\"likes\"}",
        "topics             | {\"topics\":[1]}",
        "topics             | {\"topics\":[\"likes\",null]}",
        "topics             | {\"topics\":[\"likes\",\"likes\"]}",
        "topics             | {\"topics\":[\"likes\"],\"topics\":[\"seen\"]}",
        "topic              | {\"topic\":\"likes\"}",
        "cluster            | {\"topics\":[\"likes\"],\"cluster\":1}",
        "group              | {\"topics\":[\"likes\"],\"group\":\"\"}",
        "group              | {\"topics\":[\"likes\"],\"group\":\"consumer-7\"}",
        "from               | {\"topics\":[\"likes\"],\"from\":\"soon\"}",
        "session_timeout_ms | {\"topics\":[\"likes\"],\"session_timeout_ms\":999}",
        "session_timeout_ms | {\"topics\":[\"likes\"],\"session_timeout_ms\":3600001}",
        "session_timeout_ms | {\"topics\":[\"likes\"],\"session_timeout_ms\":\"1000\"}",
        "auto_commit        | {\"topics\":[\"likes\"],\"auto_commit\":\"yes\"}",
        "''                 | []"
      })
  void namesTheFieldOfABadConsumer(String field, String body) {
    int before = consumers();

    api.post("/consumer", body).invalid(field);

    assertThat(consumers()).isEqualTo(before);
  }

  @Test
  void refusesMoreThanAHundredTopics() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      names.add("\"t" + i + "\"");
    }

    api.post("/consumer", "{\"topics\":[" + String.join(",", names) + "]}").invalid("topics");
    api.post("/consumer?topics=likes", "").invalid("topics");
  }

  @Test
  void refusesTopicsThatAreNotInOneCluster() {
    JsonNode first =
        api.post("/consumer", "{\"topics\":[\"nope\"]}").problem(404, "topic_not_found");
    JsonNode second =
        api.post("/consumer", "{\"topics\":[\"likes\",\"elsewhere\"]}")
            .problem(404, "topic_not_found");
    JsonNode unclear =
        api.post("/consumer", "{\"topics\":[\"both\"]}").problem(400, "cluster_required");
    api.post("/consumer", "{\"topics\":[\"both\"],\"cluster\":\"c9\"}")
        .problem(404, "cluster_not_found");

    assertThat(first.get("field").asString()).isEqualTo("topics");
    assertThat(first.get("index").asInt()).isZero();
    assertThat(second.get("index").asInt()).isEqualTo(1);
    assertThat(unclear.get("candidates")).hasSize(2);
  }

  @Test
  void deletesAConsumerAndGivesItsPartitionsToTheOthers() {
    long leaver =
        make("{\"topics\":[\"likes\"],\"group\":\"leaving\"}").get("consumer_id").asLong();
    long stayer =
        make("{\"topics\":[\"likes\"],\"group\":\"leaving\"}").get("consumer_id").asLong();
    assertThat(api.get("/consumer/" + leaver).ok(200).get("revoking")).isNotEmpty();

    assertThat(api.delete("/consumer/" + leaver).status()).isEqualTo(204);

    JsonNode left = api.post("/consumer/" + stayer + "/heartbeat", "").ok(200);
    assertThat(left.get("assignment")).hasSize(3);
    assertThat(left.get("revoking")).isEmpty();
    String gone = "/consumer/" + leaver;
    api.delete(gone).problem(404, "consumer_not_found");
    api.get(gone).problem(404, "consumer_not_found");
    api.post(gone + "/heartbeat", "").problem(404, "consumer_not_found");
    api.post(gone + "/seek", "{\"to\":\"latest\"}").problem(404, "consumer_not_found");
    api.get("/events?consumer_id=" + leaver).problem(404, "consumer_not_found");
  }

  @Test
  void takesAHeartbeatWithAndWithoutABody() {
    long id = make("{\"topics\":[\"likes\"]}").get("consumer_id").asLong();

    JsonNode beat = api.post("/consumer/" + id + "/heartbeat", "{}").ok(200);

    assertThat(beat.propertyNames())
        .containsExactly("consumer_id", "group", "generation", "assignment", "revoking");
    assertThat(beat.get("generation").asInt()).isEqualTo(1);
    api.send("POST", "/consumer/" + id + "/heartbeat", null).ok(200);
    api.post("/consumer/" + id + "/heartbeat", "{\"now\":1}").invalid("now");
    api.post("/consumer/" + id + "/heartbeat?now=1", "").invalid("now");
  }

  @Test
  void seeksToOffsetsAndPlaces() {
    long id = make("{\"topics\":[\"likes\"]}").get("consumer_id").asLong();
    String seek = "/consumer/" + id + "/seek";
    String read = "/events?consumer_id=" + id;
    assertThat(api.get(read).ok(200).get("events")).hasSize(3);

    JsonNode moved =
        api.post(seek, "{\"offsets\":[{\"topic\":\"likes\",\"partition\":0,\"offset\":1}]}")
            .ok(200);
    assertThat(api.get(read).ok(200).get("events")).hasSize(1);
    JsonNode earliest = api.post(seek, "{\"to\":\"earliest\"}").ok(200);
    assertThat(api.get(read).ok(200).get("events")).hasSize(3);
    api.post(seek, "{\"to\":0}").ok(200);
    assertThat(api.get(read).ok(200).get("events")).hasSize(3);
    api.post(seek, "{\"to\":\"1970-01-01T00:00:01Z\"}").ok(200);
    api.post(seek, "{\"to\":\"latest\"}").ok(200);
    assertThat(api.get(read).ok(200).get("events")).isEmpty();
    api.post(seek, "{\"offsets\":[{\"partition\":1,\"offset\":0}]}").ok(200);
    assertThat(api.get(read).ok(200).get("events")).hasSize(1);

    assertThat(moved.propertyNames()).containsExactly("consumer_id", "group", "positions");
    assertThat(moved.get("positions")).hasSize(1);
    assertThat(moved.get("positions").get(0).propertyNames())
        .containsExactly("topic", "partition", "offset");
    assertThat(moved.get("positions").get(0).get("offset").asInt()).isEqualTo(1);
    assertThat(earliest.get("positions")).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "to                   | {}",
        "to                   |"
            + " {\"to\":\"latest\",\"offsets\":[{\"partition\":0,\"offset\":0}]}",
        "to                   | {\"to\":\"soon\"}",
        "to                   | {\"to\":true}",
        "offsets              | {\"offsets\":[]}",
        "offsets              | {\"offsets\":{}}",
        "offsets              | {\"offsets\":[7]}",
        "offsets[0].partition | {\"offsets\":[{\"offset\":0}]}",
        "offsets[0].offset    | {\"offsets\":[{\"partition\":0}]}",
        "offsets[0].offset    | {\"offsets\":[{\"partition\":0,\"offset\":-1}]}",
        "offsets[0].offset    | {\"offsets\":[{\"partition\":0,\"offset\":1e3}]}",
        "offsets[0].metadata  | {\"offsets\":[{\"partition\":0,\"offset\":0,\"metadata\":\"x\"}]}",
        "consumer_id          | {\"consumer_id\":1,\"to\":\"latest\"}",
        "partition            |"
            + " {\"offsets\":[{\"partition\":0,\"offset\":0},{\"partition\":0,\"offset\":1}]}"
      })
  void namesTheFieldOfABadSeek(String field, String body) {
    long id = make("{\"topics\":[\"likes\"]}").get("consumer_id").asLong();

    api.post("/consumer/" + id + "/seek", body).invalid(field);
  }

  @Test
  void refusesASeekToWhatIsNotThere() {
    String one = "{\"offsets\":[{%s\"partition\":%d,\"offset\":%d}]}";
    long id = make("{\"topics\":[\"likes\"],\"group\":\"seeking\"}").get("consumer_id").asLong();
    long late = make("{\"topics\":[\"likes\"],\"group\":\"seeking\"}").get("consumer_id").asLong();
    long broad = make("{\"topics\":[\"likes\",\"seen\"]}").get("consumer_id").asLong();

    api.post("/consumer/" + id + "/seek", one.formatted("", 0, 99))
        .problem(422, "offset_beyond_end");
    api.post("/consumer/" + id + "/seek", one.formatted("", 3, 0))
        .problem(422, "partition_out_of_range");
    api.post("/consumer/" + late + "/seek", one.formatted("", 0, 0)).problem(409, "not_assigned");
    api.post("/consumer/" + id + "/seek", one.formatted("\"topic\":\"seen\",", 0, 0))
        .problem(409, "not_assigned");
    api.post("/consumer/" + id + "/seek", one.formatted("\"topic\":\"nope\",", 0, 0))
        .problem(404, "topic_not_found");
    api.post("/consumer/" + broad + "/seek", one.formatted("", 0, 0)).invalid("topic");
  }

  @Test
  void refusesOtherIdsFieldsAndMethods() {
    for (String id : List.of("0", "4711", "999999999999999999")) {
      api.get("/consumer/" + id).problem(404, "consumer_not_found");
      api.delete("/consumer/" + id).problem(404, "consumer_not_found");
    }
    for (String id : List.of("seven", "-1", "1.5", "1234567890123456789", "%20")) {
      api.get("/consumer/" + id).invalid("id");
    }
    api.get("/consumer/1?colour=red").invalid("colour");
    api.delete("/consumer/1?colour=red").invalid("colour");
    api.get("/consumer").problem(405, "method_not_allowed");
    api.post("/consumer/1", "{}").problem(405, "method_not_allowed");
    api.get("/consumer/1/heartbeat").problem(405, "method_not_allowed");
    api.delete("/consumer/1/seek").problem(405, "method_not_allowed");
  }

  private static JsonNode make(String body) {
    return api.post("/consumer", body).ok(201);
  }

  /** How many groups have members: each consumer that was made is a member of one. */
  private static int consumers() {
    int members = 0;
    for (JsonNode group : api.get("/group").ok(200).get("groups")) {
      members += group.get("members").asInt();
    }
    return members;
  }
}
