package io.ottla.http.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.http.api.Api.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Producers, raw bytes, uploads and encoded bodies, end to end over a real deployment. */
class ProducingTest {
  private static final byte[] NOTHING = new byte[0];
  private static final String TYPE = "Content-Type";
  private static final String BYTES = "application/octet-stream";
  private static final String LINES = "application/x-ndjson";

  @TempDir static Path directory;

  private static ServedDeployment served;
  private static Api api;

  @BeforeAll
  static void start() throws IOException {
    served = ServedDeployment.open(directory);
    api = served.api();
    api.post("/cluster", "{\"name\":\"c1\"}").ok(201);
    for (String topic : List.of("single", "batch", "bytes", "lines", "bad", "zipped")) {
      api.post("/topic", "{\"name\":\"" + topic + "\"}").ok(201);
    }
    api.post("/topic", "{\"name\":\"small\",\"max_record_bytes\":1000}").ok(201);
    api.post("/topic", "{\"name\":\"tables\",\"cleanup_policy\":\"compact\"}").ok(201);
  }

  @AfterAll
  static void stop() throws IOException {
    served.close();
  }

  private static long producer() {
    return api.post("/producer", "{\"name\":\"web-1\"}").ok(201).get("producer_id").asLong();
  }

  private static long events(String topic) {
    long count = 0;
    for (JsonNode partition : api.get("/topic/" + topic).ok(200).get("partitions")) {
      count += partition.get("end_offset").asLong();
    }
    return count;
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return out.toByteArray();
  }

  @Test
  void everyRegistrationIsANewProducer() {
    JsonNode first = api.post("/producer", "{\"name\":\"web-1\"}").ok(201);
    JsonNode second = api.post("/producer", "{\"name\":\"web-1\",\"cluster\":\"c1\"}").ok(201);

    assertThat(first.propertyNames()).containsExactly("producer_id", "name");
    assertThat(first.get("name").asString()).isEqualTo("web-1");
    assertThat(second.get("producer_id").asLong()).isGreaterThan(first.get("producer_id").asLong());
    api.post("/producer", "{}").invalid("name");
    api.post("/producer", "{\"name\":\"\"}").invalid("name");
    api.post("/producer", "{\"name\":\"a\",\"id\":1}").invalid("id");
    api.post("/producer", "{\"name\":\"a\",\"cluster\":\"c9\"}").problem(404, "cluster_not_found");
  }

  @Test
  void anEventThatIsSentAgainIsAnsweredAsBefore() {
    String event =
        "{\"topic\":\"single\",\"value\":1,\"producer_id\":%d,\"sequence\":7}"
            .formatted(producer());

    JsonNode first = api.post("/events", event).ok(201);
    JsonNode again = api.post("/events", event).ok(201);

    assertThat(again).isEqualTo(first);
    assertThat(events("single")).isEqualTo(1);
    JsonNode other =
        api.post("/events", event.replace("\"value\":1", "\"value\":2"))
            .problem(409, "sequence_reused");
    assertThat(other.get("appended").asBoolean(true)).isFalse();
    JsonNode unknown =
        api.post("/events", "{\"topic\":\"single\",\"producer_id\":4711,\"sequence\":7}")
            .problem(409, "unknown_producer");
    assertThat(unknown.get("appended").asBoolean(true)).isFalse();
  }

  @Test
  void headersSayASequenceAsFieldsDo() {
    String id = Long.toString(producer());
    byte[] batch = "{\"topic\":\"batch\",\"events\":[{\"value\":1},{\"value\":2}]}".getBytes(UTF_8);
    long before = events("batch");

    JsonNode first =
        api.post("/events", batch, "Producer-Id", id, "producer-sequence", "0").ok(201);
    JsonNode again = api.post("/events?sequence=0&producer_id=" + id, batch).ok(201);

    assertThat(again).isEqualTo(first);
    assertThat(events("batch")).isEqualTo(before + 2);
    api.post("/events?sequence=0", batch, "Producer-Id", id, "Producer-Sequence", "0")
        .invalid("sequence");
    api.post(
            "/events",
            "{\"topic\":\"batch\",\"producer_id\":1,\"sequence\":1}".getBytes(UTF_8),
            "Producer-Id",
            id)
        .invalid("producer_id");
    api.post("/events", batch, "Producer-Id", id).invalid("sequence");
  }

  @Test
  void answersABatchByPartition() {
    StringBuilder batch = new StringBuilder("{\"topic\":\"batch\",\"events\":[");
    for (int i = 0; i < 9; i++) {
      batch.append(i == 0 ? "" : ",").append("{\"value\":1,\"partition\":" + i % 2 + "}");
    }
    String byEvent = batch + "]}";
    String byPartition = batch + "],\"results\":\"partitions\"}";

    JsonNode events = api.post("/events?results=events", byEvent).ok(201).get("events");
    JsonNode partitions = api.post("/events", byPartition).ok(201);

    assertThat(partitions.get("topic").asString()).isEqualTo("batch");
    assertThat(partitions.get("committed").asBoolean()).isTrue();
    assertThat(partitions.get("count").asInt()).isEqualTo(9);
    long offset = events.get(8).get("offset").asLong() + 1;
    assertThat(partitions.get("partitions").get("0").toString())
        .isEqualTo("{\"first\":%d,\"last\":%d,\"count\":5}".formatted(offset, offset + 4));
    assertThat(partitions.get("partitions").get("1").get("count").asInt()).isEqualTo(4);
    api.post("/events?results=events", byPartition).invalid("results");
  }

  @Test
  void bytesComeBackAsTheyWere() {
    byte[] bytes = new byte[100_000];
    new Random(3).nextBytes(bytes);

    JsonNode sent =
        api.post(
                "/events?topic=bytes&partition=1&key_base64=/%2B8=&timestamp=1732",
                bytes,
                TYPE,
                BYTES,
                "Ottla-Header-Trace",
                "one",
                "Ottla-Header-Trace",
                "two",
                "ottla-header-b",
                "")
            .ok(201);
    JsonNode read =
        api.get("/events?topic=bytes&partition=1&offset=" + sent.get("offset").asLong())
            .ok(200)
            .get("events")
            .get(0);

    assertThat(sent.get("timestamp").asLong()).isEqualTo(1732);
    assertThat(Base64.getDecoder().decode(read.get("value_base64").asString())).isEqualTo(bytes);
    assertThat(read.get("key_base64").asString()).isEqualTo("/+8=");
    assertThat(read.get("header_list").toString())
        .isEqualToIgnoringCase(
            "[{\"name\":\"b\",\"value\":\"\"},{\"name\":\"Trace\",\"value\":\"one\"},"
                + "{\"name\":\"Trace\",\"value\":\"two\"}]");
  }

  @Test
  void noBytesAreAnEmptyValueAndNoTombstone() {
    JsonNode sent = api.post("/events?topic=bytes&partition=2&key=", NOTHING, TYPE, BYTES).ok(201);
    JsonNode read =
        api.get("/events?topic=bytes&partition=2&offset=" + sent.get("offset").asLong())
            .ok(200)
            .get("events")
            .get(0);

    assertThat(read.get("value_base64").asString("?")).isEmpty();
    assertThat(read.get("key").asString("?")).isEmpty();
  }

  @Test
  void bytesMayBeSentAgainUnderTheirSequence() {
    String path = "/events?topic=bytes&producer_id=" + producer() + "&sequence=3";
    byte[] bytes = {1, 2, 3};

    JsonNode first = api.post(path, bytes, TYPE, BYTES).ok(201);
    JsonNode again = api.post(path, bytes, TYPE, BYTES).ok(201);

    assertThat(again).isEqualTo(first);
    api.post(path, NOTHING, TYPE, BYTES).problem(409, "sequence_reused");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | topic       | /events",
        "400 | key_base64  | /events?topic=bad&key_base64=x",
        "400 | key_base64  | /events?topic=bad&key_base64=AA==&key=a",
        "400 | partition   | /events?topic=bad&partition=-1",
        "422 | partition   | /events?topic=bad&partition=3",
        "400 | timestamp   | /events?topic=bad&timestamp=now",
        "400 | sequence    | /events?topic=bad&producer_id=1",
        "400 | headers     | /events?topic=bad&headers=x",
        "422 | key         | /events?topic=tables"
      })
  void refusesBytesThatAreAskedForWrongly(int status, String field, String path) {
    Answer answer = api.post(path, NOTHING, TYPE, BYTES);

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.json().get("field").asString()).isEqualTo(field);
    assertThat(answer.json().get("appended").asBoolean(true)).isFalse();
  }

  @Test
  void refusesHeadersThatCannotBeTakenAsTheyAre() throws IOException {
    for (String header : List.of("Ottla-Header-A: \u00fc", "Ottla-Header-: a")) {
      String request =
          "POST /events?topic=bad HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
              + BYTES
              + "\r\nContent-Length: 0\r\n"
              + header
              + "\r\nConnection: close\r\n\r\n";
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.port())) {
        socket.getOutputStream().write(request.getBytes(UTF_8));
        String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);

        assertThat(answer)
            .startsWith("HTTP/1.1 400")
            .contains("\"field\":\"" + header.substring(0, header.indexOf(':')) + "\"")
            .contains("\"appended\":false");
      }
    }
    assertThat(events("bad")).isZero();
  }

  @Test
  void anUploadIsThereOnceHoweverOftenItIsSent() {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      body.append("{\"user\":\"u%d\",\"n\":%d}\n".formatted(i % 50, i));
    }
    String path = "/events?topic=lines&lines=value&key=/user&sequence=0&producer_id=" + producer();
    byte[] half = body.substring(0, body.indexOf("\n", body.length() / 2) + 1).getBytes(UTF_8);

    JsonNode part = api.post(path, half, TYPE, LINES).ok(201);
    JsonNode whole = api.post(path, body.toString().getBytes(UTF_8), TYPE, LINES).ok(201);
    JsonNode again = api.post(path, body.toString().getBytes(UTF_8), TYPE, LINES).ok(201);

    assertThat(part.get("count").asInt()).isBetween(2_000, 3_000);
    assertThat(whole.get("count").asInt()).isEqualTo(5_000);
    assertThat(again).isEqualTo(whole);
    assertThat(events("lines")).isEqualTo(5_000);
    JsonNode other = api.post(path, body.reverse().toString().getBytes(UTF_8), TYPE, LINES).json();
    assertThat(other.get("appended").asBoolean(true)).isFalse();
    assertThat(events("lines")).isEqualTo(5_000);
  }

  @Test
  void aLineThatTheTopicDoesNotTakeIsNamed() {
    String large = "\"" + "x".repeat(1_000) + "\"";

    JsonNode tooLarge =
        api.post("/events?topic=small&lines=value", ("1\n" + large).getBytes(UTF_8), TYPE, LINES)
            .problem(413, "record_too_large");
    JsonNode keyless =
        api.post("/events?topic=tables", "{\"value\":1}".getBytes(UTF_8), TYPE, LINES)
            .problem(422, "key_required");

    assertThat(tooLarge.get("line").asInt()).isEqualTo(2);
    assertThat(tooLarge.get("count").asInt()).isEqualTo(1);
    assertThat(tooLarge.get("appended").asBoolean(true)).isFalse();
    assertThat(keyless.get("line").asInt()).isEqualTo(1);
  }

  @Test
  void everyBodyMayBeGzip() throws IOException {
    String encoding = "Content-Encoding";
    api.post("/events", gzip("{\"topic\":\"zipped\",\"value\":1}"), encoding, "gzip").ok(201);
    api.post("/events?topic=zipped", gzip("bytes"), TYPE, BYTES, encoding, "gzip").ok(201);
    api.post("/events?topic=zipped", gzip("{}\n{}\n"), TYPE, LINES, encoding, "gzip").ok(201);
    api.post("/producer", gzip("{\"name\":\"zipped\"}"), encoding, "gzip").ok(201);

    assertThat(events("zipped")).isEqualTo(4);
    JsonNode other =
        api.post("/events", gzip("{}"), encoding, "br").problem(415, "unsupported_encoding");
    assertThat(other.get("appended").asBoolean(true)).isFalse();
  }

  @Test
  void namesTheTypesThatItTakes() {
    JsonNode events =
        api.post("/events", NOTHING, TYPE, "text/csv").problem(415, "unsupported_media_type");
    JsonNode topic =
        api.post("/topic", "{}".getBytes(UTF_8), TYPE, LINES)
            .problem(415, "unsupported_media_type");

    assertThat(events.get("detail").asString())
        .contains("application/json or application/x-ndjson or application/octet-stream");
    assertThat(events.get("appended").asBoolean(true)).isFalse();
    assertThat(topic.get("detail").asString()).contains("must be application/json here");
    assertThat(topic.has("appended")).isFalse();
  }
}
