package io.ottla.http.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.http.api.Api.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code /events} and {@code /offset}, end to end over a real deployment. */
class EventsTest {
  @TempDir static Path directory;

  private static ServedDeployment served;
  private static Api api;

  @BeforeAll
  static void start() throws IOException {
    served = ServedDeployment.open(directory);
    api = served.api();
    api.post("/cluster", "{\"name\":\"c1\"}").ok(201);
    for (String topic : List.of("bad", "group", "read", "lonely", "commits", "values")) {
      api.post("/topic", "{\"name\":\"" + topic + "\",\"cluster\":\"c1\"}").ok(201);
    }
    api.post("/topic", "{\"name\":\"tables\",\"cleanup_policy\":\"compact\"}").ok(201);
    api.post("/topic", "{\"name\":\"small\",\"max_record_bytes\":1000}").ok(201);
  }

  @AfterAll
  static void stop() throws IOException {
    served.close();
  }

  @Test
  void answersAnEventWithWhereItIs() {
    JsonNode first =
        api.post("/events", "{\"topic\":\"values\",\"key\":\"u42\",\"value\":{\"post\":99}}")
            .ok(201);
    JsonNode second =
        api.post("/events", "{\"topic\":\"values\",\"key\":\"u42\",\"value\":2,\"timestamp\":1732}")
            .ok(201);

    assertThat(first.propertyNames())
        .containsExactly("topic", "partition", "offset", "timestamp", "committed");
    assertThat(first.get("committed").asBoolean()).isTrue();
    assertThat(second.get("partition")).isEqualTo(first.get("partition"));
    assertThat(second.get("offset").asLong()).isEqualTo(first.get("offset").asLong() + 1);
    assertThat(second.get("timestamp").asLong()).isEqualTo(1732);
  }

  @Test
  void readsBackWhatWasSent() {
    String value = "{ \"a\" : [1.0, \"\\u00e9\", null] , \"a\":2}";
    JsonNode sent =
        api.post(
                "/events",
                "{\"topic\":\"read\",\"partition\":2,\"events\":[]}"
                    .replace(",\"partition\":2", "")
                    .replace(
                        "[]",
                        "[{\"partition\":2,\"key\":\"k\",\"value\":"
                            + value
                            + ",\"headers\":{\"h\":\"ü\"},\"timestamp\":5},"
                            + "{\"partition\":2,\"key_base64\":\"/w==\",\"value_base64\":\"AAE=\"},"
                            + "{\"partition\":2}]"))
            .ok(201);
    Answer read = api.get("/events?topic=read&partition=2&offset=0");

    assertThat(sent.get("events")).hasSize(3);
    assertThat(sent.get("events").get(2).get("offset").asInt()).isEqualTo(2);
    JsonNode events = read.ok(200).get("events");
    assertThat(read.text()).contains("\"value\":" + value + ",");
    assertThat(events.get(0).propertyNames())
        .containsExactly("topic", "partition", "offset", "timestamp", "key", "value", "headers");
    assertThat(events.get(0).get("headers").get("h").asString()).isEqualTo("ü");
    assertThat(events.get(0).get("timestamp").asLong()).isEqualTo(5);
    assertThat(events.get(1).get("key_base64").asString()).isEqualTo("/w==");
    assertThat(events.get(1).get("value_base64").asString()).isEqualTo("AAE=");
    assertThat(events.get(2).get("key").isNull()).isTrue();
    assertThat(events.get(2).get("value").isNull()).isTrue();
    assertThat(read.json().get("next_offset").asLong()).isEqualTo(3);
    assertThat(read.json().has("leader")).isFalse();
    assertThat(api.get("/events?topic=read&partition=2&offset=2").ok(200).get("events")).hasSize(1);
    assertThat(api.get("/events?topic=read&partition=2&from=latest").ok(200).get("events"))
        .isEmpty();
    assertThat(api.get("/events?topic=read&partition=2&offset=99").ok(200).get("events")).isEmpty();
    assertThat(api.get("/events?topic=read&partition=2&max_events=1").ok(200).get("events"))
        .hasSize(1);
    assertThat(api.get("/events?topic=read&partition=2&max_bytes=1").ok(200).get("events"))
        .hasSize(1);
  }

  @Test
  void givesKeylessEventsToThePartitionsInTurn() {
    int[] counts = new int[3];
    for (int i = 0; i < 30; i++) {
      counts[
          api.post("/events", "{\"topic\":\"lonely\",\"value\":" + i + "}")
              .ok(201)
              .get("partition")
              .asInt()]++;
    }

    assertThat(Arrays.stream(counts).max().getAsInt() - Arrays.stream(counts).min().getAsInt())
        .isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | topic       | {\"value\":1}",
        "400 | topic       | {\"topic\":5,\"value\":1}",
        "400 | value       | {\"topic\":\"bad\",\"value\":1,\"value\":1}",
        "400 | values      | {\"topic\":\"bad\",\"values\":1}",
        "400 | key         | {\"topic\":\"bad\",\"key\":5}",
        "400 | partition   | {\"topic\":\"bad\",\"partition\":-1}",
        "422 | partition   | {\"topic\":\"bad\",\"partition\":3}",
        "400 | timestamp   | {\"topic\":\"bad\",\"timestamp\":\"now\"}",
        "400 | timeout_ms  | {\"topic\":\"bad\",\"timeout_ms\":60001}",
        "400 | headers     | {\"topic\":\"bad\",\"headers\":{\"a\":1}}",
        "400 | sequence    | {\"topic\":\"bad\",\"producer_id\":1}",
        "400 | events      | {\"topic\":\"bad\",\"events\":[]}",
        "400 | ''          | {\"topic\":\"bad\",\"value\":}",
        "400 | ''          | []",
        "400 | topic       | ''",
        "422 | key         | {\"topic\":\"tables\",\"value\":1}"
      })
  void appendsNothingOfABadEvent(int status, String field, String body) {
    Answer answer = api.post("/events", body);

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.json().get("appended").asBoolean(true)).isFalse();
    assertThat(answer.json().path("field").asString("")).isEqualTo(field);
    for (int partition = 0; partition < 3; partition++) {
      assertThat(
              api.get("/events?topic=bad&partition=" + partition).ok(200).get("end_offset").asInt())
          .isZero();
    }
  }

  @Test
  void appendsNothingOfABatchWithABadEvent() {
    JsonNode wrong =
        api.post("/events", "{\"topic\":\"bad\",\"events\":[{\"value\":1},{\"keys\":1}]}")
            .invalid("keys");
    JsonNode outside =
        api.post("/events", "{\"topic\":\"bad\",\"events\":[{},{},{\"partition\":7}]}")
            .problem(422, "partition_out_of_range");

    assertThat(wrong.get("index").asInt()).isEqualTo(1);
    assertThat(wrong.get("appended").asBoolean(true)).isFalse();
    assertThat(outside.get("index").asInt()).isEqualTo(2);
    assertThat(outside.get("appended").asBoolean(true)).isFalse();
    assertThat(api.get("/events?topic=bad&partition=0").ok(200).get("end_offset").asInt()).isZero();
  }

  @Test
  void refusesTopicsThatCannotBeWritten() {
    assertThat(
            api.post("/events", "{\"topic\":\"nope\",\"value\":1}")
                .problem(404, "topic_not_found")
                .get("appended")
                .asBoolean(true))
        .isFalse();
    api.post("/events", "{\"topic\":\"__consumer_offsets\",\"value\":1}")
        .problem(403, "internal_topic");
    api.post("/events", "{\"topic\":\"bad\",\"cluster\":\"c9\",\"value\":1}")
        .problem(404, "cluster_not_found");
    api.post("/events?topic=bad", "{\"topic\":\"bad\",\"value\":1}").invalid("topic");
    api.post("/events?colour=1", "{\"topic\":\"bad\",\"value\":1}").invalid("colour");
    assertThat(api.get("/topic").text()).doesNotContain("nope");
  }

  @Test
  void refusesARecordThatIsTooLarge() {
    String large = "\"" + "x".repeat(2000) + "\"";

    JsonNode problem =
        api.post("/events", "{\"topic\":\"small\",\"value\":" + large + "}")
            .problem(413, "record_too_large");

    assertThat(problem.get("appended").asBoolean(true)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "topic,                   ''",
    "topic,                   partition=0",
    "partition,               topic=read&offset=1",
    "partition,               topic=read&partition=x",
    "partition,               topic=read&partition=-1",
    "offset,                  topic=read&partition=0&offset=-1",
    "offset,                  topic=read&partition=0&offset=1.5",
    "from,                    topic=read&partition=0&offset=1&from=latest",
    "from,                    topic=read&from=yesterday",
    "max_events,              topic=read&max_events=0",
    "max_events,              topic=read&max_events=100001",
    "max_bytes,               topic=read&max_bytes=16777217",
    "wait_ms,                 topic=read&wait_ms=60001",
    "auto_commit,             topic=read&auto_commit=yes",
    "auto_commit_interval_ms, topic=read&auto_commit_interval_ms=-1",
    "consumer_id,             consumer_id=0",
    "consumer_id,             consumer_id=seven",
    "consumer_id,             topic=read&partition=0&consumer_id=1",
    "cursor,                  topic=read&partition=0&cursor=x",
    "colour,                  topic=read&colour=red",
    "follow,                  topic=read&follow=perhaps",
    "topic,                   topic=read&topic=read"
  })
  void namesTheFieldOfABadRead(String field, String query) {
    api.get("/events?" + query).invalid(field);
  }

  @Test
  void refusesReadsOfWhatIsNotThere() {
    api.get("/events?topic=nope").problem(404, "topic_not_found");
    api.get("/events?topic=nope&partition=0&offset=0").problem(404, "topic_not_found");
    api.get("/events?topic=read&partition=3&offset=0").problem(422, "partition_out_of_range");
    api.get("/events?consumer_id=4711").problem(404, "consumer_not_found");
    api.get("/events?topic=read&consumer_id=1&cursor=garbage");
  }

  @Test
  void readsFieldsFromABodyOnGetToo() {
    api.post("/events", "{\"topic\":\"group\",\"key\":\"a\",\"value\":\"body\"}").ok(201);

    JsonNode poll =
        api.send("GET", "/events", "{\"topic\":\"group\",\"group\":\"by-body\",\"max_events\":10}")
            .ok(200);

    assertThat(poll.get("group").asString()).isEqualTo("by-body");
    assertThat(poll.get("events")).isNotEmpty();
    api.send("GET", "/events?topic=group", "{\"topic\":\"group\"}").invalid("topic");
    api.send("GET", "/events", "{\"topic\":7}").invalid("topic");
    api.send("GET", "/events", "{\"topic\":\"group\",\"max_events\":\"10\"}").invalid("max_events");
  }

  @Test
  void letsAConsumerReadCommitAndGoOn() {
    Set<String> sent = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      sent.add("v" + i);
      api.post("/events", "{\"topic\":\"commits\",\"key\":\"k" + i + "\",\"value\":\"v" + i + "\"}")
          .ok(201);
    }

    JsonNode first = api.get("/events?topic=commits&auto_commit=false&max_events=7").ok(200);
    long consumer = first.get("consumer_id").asLong();
    JsonNode second = api.get("/events?consumer_id=" + consumer + "&auto_commit=false").ok(200);
    List<String> read = new ArrayList<>();
    first.get("events").forEach(event -> read.add(event.get("value").asString()));
    second.get("events").forEach(event -> read.add(event.get("value").asString()));

    assertThat(consumer).isPositive();
    assertThat(first.get("group").asString()).isEqualTo("consumer-" + consumer);
    assertThat(first.get("assignment")).hasSize(3);
    assertThat(first.get("revoking")).isEmpty();
    assertThat(first.get("events")).hasSize(7);
    assertThat(read).containsExactlyInAnyOrderElementsOf(sent);

    JsonNode before = api.get("/offset?consumer_id=" + consumer).ok(200);
    JsonNode commit = api.post("/offset", "{\"consumer_id\":" + consumer + "}").ok(200);
    JsonNode after = api.get("/offset?consumer_id=" + consumer).ok(200);
    long committed = 0;
    for (JsonNode partition : commit.get("committed")) {
      committed += partition.get("offset").asLong();
    }

    assertThat(before.get("partitions")).hasSize(3);
    assertThat(before.get("partitions").get(0).get("committed").isNull()).isTrue();
    assertThat(committed).isEqualTo(20);
    for (JsonNode partition : after.get("partitions")) {
      assertThat(partition.propertyNames())
          .containsExactly("topic", "partition", "position", "committed", "end_offset", "lag");
      assertThat(partition.get("lag").asLong()).isZero();
      assertThat(partition.get("committed")).isEqualTo(partition.get("end_offset"));
    }
    assertThat(
            api.get("/offset?group=consumer-" + consumer + "&topic=commits")
                .ok(200)
                .get("partitions"))
        .isEqualTo(after.get("partitions"));
  }

  @Test
  void givesTheSameEventsForTheSameCursor() {
    api.post(
            "/events",
            "{\"topic\":\"group\",\"events\":[{\"value\":1},{\"value\":2},{\"value\":3}]}")
        .ok(201);
    JsonNode first = api.get("/events?topic=group&group=cursors&max_events=1").ok(200);
    String next =
        "/events?max_events=1&consumer_id="
            + first.get("consumer_id").asLong()
            + "&cursor="
            + first.get("cursor").asString();

    JsonNode once = api.get(next).ok(200);
    JsonNode again = api.get(next).ok(200);

    assertThat(again.get("events")).isEqualTo(once.get("events"));
    assertThat(once.get("events")).isNotEqualTo(first.get("events"));
    api.post(
            "/offset",
            "{\"consumer_id\":"
                + first.get("consumer_id").asLong()
                + ",\"cursor\":\""
                + first.get("cursor").asString()
                + "\"}")
        .ok(200);
    api.get("/events?cursor=nonsense&consumer_id=" + first.get("consumer_id").asLong())
        .invalid("cursor");
  }

  @Test
  void waitsForAnEventThatIsToCome() throws InterruptedException {
    long end =
        api.get("/events?topic=values&partition=0&from=latest").ok(200).get("next_offset").asLong();
    List<JsonNode> found = new ArrayList<>();
    Thread reader =
        Thread.ofVirtual()
            .start(
                () ->
                    found.add(
                        api.get("/events?topic=values&partition=0&wait_ms=20000&offset=" + end)
                            .ok(200)));
    api.post("/events", "{\"topic\":\"values\",\"partition\":0,\"value\":\"late\"}").ok(201);
    reader.join();

    assertThat(found.getFirst().get("events").get(0).get("value").asString()).isEqualTo("late");
  }

  @Test
  void endsLongPollsWhenItStops(@TempDir Path other) throws IOException, InterruptedException {
    List<Answer> ended = Collections.synchronizedList(new ArrayList<>());
    try (ServedDeployment stopping = ServedDeployment.open(other)) {
      Api there = stopping.api();
      there.post("/cluster", "{\"name\":\"c\",\"num_brokers\":1}").ok(201);
      there.post("/topic", "{\"name\":\"t\"}").ok(201);
      long consumer = there.get("/events?topic=t").ok(200).get("consumer_id").asLong();
      List<Thread> readers =
          Stream.of("topic=t&partition=0&offset=0", "consumer_id=" + consumer)
              .map(
                  query ->
                      Thread.ofVirtual()
                          .start(() -> ended.add(there.get("/events?wait_ms=60000&" + query))))
              .toList();
      for (int i = 0; i < 50; i++) {
        there.get("/health/live").ok(200);
      }
      long begun = System.nanoTime();

      stopping.stopListening();
      for (Thread reader : readers) {
        reader.join();
      }

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(9));
      ended.forEach(answer -> answer.problem(503, "not_ready"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "consumer_id          | {}",
        "consumer_id          | {\"consumer_id\":\"1\"}",
        "group                | {\"consumer_id\":1,\"group\":\"g\"}",
        "offsets              |"
            + " {\"consumer_id\":1,\"cursor\":\"x\",\"offsets\":[{\"partition\":0,\"offset\":0}]}",
        "offsets              | {\"consumer_id\":1,\"offsets\":[]}",
        "offsets              | {\"consumer_id\":1,\"offsets\":{}}",
        "offsets[0].partition | {\"consumer_id\":1,\"offsets\":[{\"offset\":0}]}",
        "offsets[0].offset    | {\"consumer_id\":1,\"offsets\":[{\"partition\":0}]}",
        "offsets[0].offset    | {\"consumer_id\":1,\"offsets\":[{\"partition\":0,\"offset\":-1}]}",
        "offsets[0].at        |"
            + " {\"consumer_id\":1,\"offsets\":[{\"partition\":0,\"offset\":1,\"at\":1}]}",
        "to                   | {\"group\":\"g\",\"topic\":\"read\"}",
        "to                   | {\"group\":\"g\",\"topic\":\"read\",\"to\":\"soon\"}",
        "topic                | {\"group\":\"g\",\"to\":\"earliest\"}",
        "colour               | {\"consumer_id\":1,\"colour\":1}"
      })
  void namesTheFieldOfABadCommit(String field, String body) {
    api.post("/offset", body).invalid(field);
  }

  @Test
  void refusesCommitsOfWhatIsNotThere() {
    api.post("/offset", "{\"consumer_id\":4711}").problem(404, "consumer_not_found");
    api.get("/offset?consumer_id=4711").problem(404, "consumer_not_found");
    api.get("/offset").invalid("consumer_id");
    api.get("/offset?consumer_id=1&group=g").invalid("group");
  }

  @Test
  void commitsExactlyWhatIsAskedFor() {
    api.post("/events", "{\"topic\":\"group\",\"partition\":1,\"value\":1}").ok(201);
    long consumer = api.get("/events?topic=group&group=exact").ok(200).get("consumer_id").asLong();
    String offsets =
        "{\"consumer_id\":%d,\"offsets\":[{\"topic\":\"group\",\"partition\":1,\"offset\":%s}]}";

    JsonNode commit = api.post("/offset", offsets.formatted(consumer, 1)).ok(200);
    api.post("/offset", offsets.formatted(consumer, 99999)).problem(422, "offset_beyond_end");

    assertThat(commit.get("committed").get(0).get("offset").asLong()).isEqualTo(1);
    api.post("/offset", "{\"group\":\"exact\",\"topic\":\"group\",\"to\":\"earliest\"}")
        .problem(409, "group_active");
  }

  @Test
  void resetsAGroupWithoutMembers() {
    JsonNode reset =
        api.post("/offset", "{\"group\":\"idle\",\"topic\":\"group\",\"to\":\"earliest\"}").ok(200);

    assertThat(reset.get("group").asString()).isEqualTo("idle");
    assertThat(reset.has("consumer_id")).isFalse();
    assertThat(reset.get("committed")).hasSize(3);
  }
}
