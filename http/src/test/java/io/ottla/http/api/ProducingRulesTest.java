package io.ottla.http.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.http.api.Api.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * The rules that hold for every way to produce: an event, a batch, lines and raw bytes, end to end
 * over a deployment of two clusters.
 */
class ProducingRulesTest {
  private static final String TYPE = "Content-Type";
  private static final String ENCODING = "Content-Encoding";
  private static final String LARGEST = "3145728";
  private static final int MAX_WHOLE_BODY_BYTES = 16 << 20;

  @TempDir static Path directory;

  private static ServedDeployment served;
  private static Api api;

  /** A way to produce one event. */
  enum Form {
    SINGLE("application/json", "{\"value\":1}"),
    BATCH("application/json", "{\"events\":[{\"value\":1}]}"),
    EVENT_LINES("application/x-ndjson", "{\"value\":1}\n"),
    VALUE_LINES("application/x-ndjson", "1\n"),
    BYTES("application/octet-stream", "1");

    final String mediaType;
    final String body;

    Form(String mediaType, String body) {
      this.mediaType = mediaType;
      this.body = body;
    }

    /** What a query must say beside what is asked for. */
    String query() {
      return this == VALUE_LINES ? "&lines=value" : "";
    }

    Answer post(String topicAndMore) {
      return post(topicAndMore, body);
    }

    Answer post(String topicAndMore, String other) {
      return api.post(
          "/events?topic=" + topicAndMore + query(), other.getBytes(UTF_8), TYPE, mediaType);
    }
  }

  @BeforeAll
  static void start() throws IOException {
    served = ServedDeployment.open(directory);
    api = served.api();
    api.post("/cluster", "{\"name\":\"c1\"}").ok(201);
    api.post("/cluster", "{\"name\":\"c2\",\"num_brokers\":1}").ok(201);
    for (String topic : List.of("rules", "keys", "twice", "numbered", "ordered")) {
      createTopic(topic, "c1", "");
    }
    createTopic("twice", "c2", "");
    createTopic("tables", "c1", ",\"cleanup_policy\":\"compact\"");
    createTopic("wide", "c1", ",\"max_record_bytes\":" + LARGEST);
  }

  private static void createTopic(String name, String cluster, String more) {
    api.post("/topic", "{\"name\":\"" + name + "\",\"cluster\":\"" + cluster + "\"" + more + "}")
        .ok(201);
  }

  @AfterAll
  static void stop() throws IOException {
    served.close();
  }

  private static long producer(String cluster) {
    return api.post("/producer", "{\"name\":\"p\",\"cluster\":\"" + cluster + "\"}")
        .ok(201)
        .get("producer_id")
        .asLong();
  }

  private static void assertNothingAppended(JsonNode problem) {
    assertThat(problem.get("appended").isBoolean()).isTrue();
    assertThat(problem.get("appended").asBoolean()).isFalse();
  }

  private static long events(String topic) {
    long count = 0;
    for (JsonNode partition : api.get("/topic/" + topic).ok(200).get("partitions")) {
      count += partition.get("end_offset").asLong();
    }
    return count;
  }

  private static List<JsonNode> read(String topic) {
    List<JsonNode> read = new ArrayList<>();
    for (int partition = 0; partition < 3; partition++) {
      api.get("/events?topic=" + topic + "&partition=" + partition + "&max_events=100000")
          .ok(200)
          .get("events")
          .forEach(read::add);
    }
    return read;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @EnumSource
  void noTopicIsCreatedByWritingToIt(Form form) {
    Set<String> before = topics();

    assertNothingAppended(form.post("unheard-of").problem(404, "topic_not_found"));
    assertNothingAppended(form.post("__unheard-of").problem(404, "topic_not_found"));

    assertThat(topics()).isEqualTo(before);
  }

  private static Set<String> topics() {
    Set<String> names = new HashSet<>();
    api.get("/topic").ok(200).get("topics").forEach(one -> names.add(one.get("name").asString()));
    return names;
  }

  @ParameterizedTest
  @EnumSource
  void anInternalTopicIsNeverWritten(Form form) {
    JsonNode problem = form.post("__consumer_offsets&cluster=c1").problem(403, "internal_topic");

    assertNothingAppended(problem);
    assertThat(problem.get("retriable").asBoolean()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void aTopicOfSeveralClustersNeedsTheClustersName(Form form) {
    JsonNode problem = form.post("twice").problem(400, "cluster_required");

    assertThat(problem.get("candidates").toString()).isEqualTo("[\"c1\",\"c2\"]");
    assertNothingAppended(problem);
    form.post("twice&cluster=c2").ok(201);
    assertNothingAppended(form.post("twice&cluster=c9").problem(404, "cluster_not_found"));
  }

  @Test
  void aProducerOfOneOfSeveralClustersNeedsTheClustersName() {
    JsonNode problem = api.post("/producer", "{\"name\":\"p\"}").problem(400, "cluster_required");

    assertThat(problem.get("candidates").toString()).isEqualTo("[\"c1\",\"c2\"]");
    assertThat(producer("c1") >>> 32).isZero();
    assertThat(producer("c2") >>> 32).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aProducerThatTheClusterDoesNotHaveIsUnknown(Form form) {
    long before = events("rules");

    for (long id : new long[] {producer("c2"), producer("c1") + 1, 1L << 40}) {
      assertNothingAppended(
          form.post("rules&sequence=0&producer_id=" + id).problem(409, "unknown_producer"));
    }

    assertThat(events("rules")).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void otherEventsUnderAUsedSequenceAreRefused(Form form) {
    String target = "numbered&sequence=3&producer_id=" + producer("c1");
    JsonNode first = form.post(target).ok(201);
    long before = events("numbered");

    JsonNode other = form.post(target, form.body.replace("1", "2")).problem(409, "sequence_reused");

    assertNothingAppended(other);
    assertThat(form.post(target).ok(201)).isEqualTo(first);
    assertThat(events("numbered")).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void headersSayASequenceForEveryForm(Form form) {
    String id = Long.toString(producer("c1"));
    String path = "/events?topic=numbered" + form.query();
    byte[] body = form.body.getBytes(UTF_8);
    String[] headers = {TYPE, form.mediaType, "Producer-Id", id, "Producer-Sequence", "0"};

    JsonNode first = api.post(path, body, headers).ok(201);
    long before = events("numbered");

    assertThat(api.post(path, body, headers).ok(201)).isEqualTo(first);
    assertThat(events("numbered")).isEqualTo(before);
    assertNothingAppended(api.post(path + "&sequence=0", body, headers).invalid("sequence"));
  }

  @ParameterizedTest
  @EnumSource
  void aRetryThatNamesItsPartitionIsSafeAcrossAGrowthOfTheTopic(Form form) {
    String topic = "grows-" + form.name();
    createTopic(topic, "c1", ",\"partitions\":1");
    String target = topic + "&sequence=3&producer_id=" + producer("c1");
    boolean inQuery = form == Form.VALUE_LINES || form == Form.BYTES;
    String body = inQuery ? form.body : form.body.replace("\"value\"", "\"partition\":0,\"value\"");
    JsonNode first = form.post(inQuery ? target + "&partition=0" : target, body).ok(201);

    api.send("PATCH", "/topic/" + topic, "{\"partitions\":5}").ok(200);

    assertThat(form.post(inQuery ? target + "&partition=0" : target, body).ok(201))
        .isEqualTo(first);
    assertThat(events(topic)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrongBesideTheBodyIsNamed(Form form) {
    assertNothingAppended(form.post("rules&colour=red").invalid("colour"));
    assertNothingAppended(form.post("rules&topic=rules").invalid("topic"));
    assertNothingAppended(form.post("rules&timeout_ms=60001").invalid("timeout_ms"));
    assertNothingAppended(form.post("rules&timeout_ms=0").invalid("timeout_ms"));
    assertNothingAppended(form.post("rules&sequence=1").invalid("producer_id"));
    assertNothingAppended(form.post("rules&producer_id=1").invalid("sequence"));
  }

  @ParameterizedTest
  @EnumSource
  void aCompactedTopicNeedsAKeyAndAnEmptyOneIsOne(Form form) {
    JsonNode problem = form.post("tables").problem(422, "key_required");

    assertNothingAppended(problem);
    assertThat(problem.get("field").asString()).isEqualTo("key");
    switch (form) {
      case BATCH -> assertThat(problem.get("index").asInt(-1)).isZero();
      case EVENT_LINES, VALUE_LINES -> assertThat(problem.get("line").asInt()).isEqualTo(1);
      case SINGLE, BYTES -> assertThat(problem.has("line")).isFalse();
    }
    switch (form) {
      case SINGLE, EVENT_LINES -> form.post("tables", "{\"key\":\"\",\"value\":1}").ok(201);
      case BATCH -> form.post("tables", "{\"events\":[{\"key_base64\":\"\"}]}").ok(201);
      case VALUE_LINES -> form.post("tables&key=/k", "{\"k\":\"\"}").ok(201);
      case BYTES -> form.post("tables&key=", "1").ok(201);
    }
  }

  @Test
  void eventsWithAnEmptyKeyAreInOnePartition() {
    Set<JsonNode> partitions = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      partitions.add(
          api.post("/events", "{\"topic\":\"keys\",\"key\":\"\",\"value\":1}")
              .ok(201)
              .get("partition"));
      partitions.add(Form.BYTES.post("keys&key=").ok(201).get("partition"));
    }

    assertThat(partitions).hasSize(1);
    assertThat(read("keys")).allMatch(event -> event.get("key").asString("?").isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EVENT_LINES | rules             | {\"value\":1};;{\"partition\":3};{}; | 3 | 1",
        "VALUE_LINES | rules&partition=3 | 1;2;                                | 1 | 0"
      })
  void aLineForAPartitionThatIsNotThereIsNamed(
      Form form, String target, String body, int line, int count) {
    JsonNode problem =
        form.post(target, body.replace(';', '\n')).problem(422, "partition_out_of_range");

    assertNothingAppended(problem);
    assertThat(problem.get("field").asString()).isEqualTo("partition");
    assertThat(problem.get("line").asInt()).isEqualTo(line);
    assertThat(problem.get("count").asInt()).isEqualTo(count);
  }

  @Test
  void headersTimesAndTombstonesComeBackHoweverTheyWereSent() {
    String event =
        "{\"partition\":1,\"key\":\"k\",\"timestamp\":1732,\"header_list\":"
            + "[{\"name\":\"h\",\"value\":\"1\"},{\"name\":\"h\",\"value_base64\":\"/w==\"}]";
    createTopic("shapes", "c1", "");

    api.post("/events?topic=shapes", event + "}").ok(201);
    api.post("/events?topic=shapes", "{\"events\":[" + event + ",\"value\":null}]}").ok(201);
    Form.EVENT_LINES.post("shapes", event + "}\n" + event + ",\"value\":null}\n").ok(201);

    List<JsonNode> read = read("shapes");
    assertThat(read).hasSize(4);
    for (JsonNode one : read) {
      assertThat(one.get("partition").asInt()).isEqualTo(1);
      assertThat(one.get("timestamp").asLong()).isEqualTo(1732);
      assertThat(one.get("value").isNull()).isTrue();
      assertThat(one.get("header_list").toString())
          .isEqualTo(
              "[{\"name\":\"h\",\"value\":\"1\"},{\"name\":\"h\",\"value_base64\":\"/w==\"}]");
    }
  }

  @Test
  void anEventWithoutATimeHasThatOfItsRequest() {
    createTopic("times", "c1", "");
    long before = System.currentTimeMillis();
    for (Form form : Form.values()) {
      form.post("times").ok(201);
    }

    List<JsonNode> read = read("times");

    assertThat(read)
        .hasSize(Form.values().length)
        .allSatisfy(
            event ->
                assertThat(event.get("timestamp").asLong())
                    .isBetween(before, System.currentTimeMillis()));
  }

  @Test
  void aPartitionsShareThatFitsNoRoundRefusesTheBatch() {
    byte[] noise = new byte[2 << 20];
    new Random(5).nextBytes(noise);
    String large =
        "{\"partition\":0,\"value_base64\":\"" + Base64.getEncoder().encodeToString(noise) + "\"}";
    String elsewhere = large.replace("\"partition\":0", "\"partition\":1");
    String small = "{\"partition\":2,\"value\":1}";

    JsonNode problem =
        Form.BATCH
            .post("wide", "{\"events\":[" + small + "," + large + "," + large + "]}")
            .problem(413, "batch_too_large");

    assertNothingAppended(problem);
    assertThat(events("wide")).isZero();
    Form.BATCH.post("wide", "{\"events\":[" + large + "," + elsewhere + "]}").ok(201);
    String even = "{\"partition\":2,\"value\":\"" + "x".repeat(2 << 20) + "\"}";
    Form.BATCH.post("wide", "{\"events\":[" + even + "," + even + "," + even + "]}").ok(201);
  }

  @ParameterizedTest
  @CsvSource({"SINGLE", "BATCH", "BYTES"})
  void aGzipBodyIsBoundedByWhatItHolds(Form form) throws IOException {
    byte[] bomb = gzip(new byte[MAX_WHOLE_BODY_BYTES + 1]);
    String path = "/events?topic=rules";

    JsonNode problem =
        api.post(path, bomb, TYPE, form.mediaType, ENCODING, "gzip").problem(413, "body_too_large");

    assertNothingAppended(problem);
  }

  @Test
  void whatIsSentAfterAnAnswerIsBehindIt() {
    long last = -1;
    for (int i = 0; i < 5; i++) {
      for (Form form : Form.values()) {
        String body =
            switch (form) {
              case SINGLE, EVENT_LINES -> "{\"key\":\"k\",\"value\":1}";
              case BATCH -> "{\"events\":[{\"key\":\"k\",\"value\":1}]}";
              case VALUE_LINES -> "{\"k\":\"k\"}";
              case BYTES -> "1";
            };
        String key = form == Form.VALUE_LINES ? "&key=/k" : form == Form.BYTES ? "&key=k" : "";
        long offset = offset(form.post("ordered" + key, body).ok(201));

        assertThat(offset).isEqualTo(last + 1);
        last = offset;
      }
    }
  }

  private static long offset(JsonNode answer) {
    if (answer.has("offset")) {
      return answer.get("offset").asLong();
    }
    return answer.has("events")
        ? answer.get("events").get(0).get("offset").asLong()
        : answer.get("partitions").iterator().next().get("first").asLong();
  }
}
