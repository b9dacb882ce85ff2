package io.ottla.http.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.http.api.EventSource.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code GET /events} as lines and as server-sent events, over a real deployment. */
class StreamsTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir static Path directory;

  private static ServedDeployment served;
  private static Api api;
  private String topic;

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

  @BeforeEach
  void createTopic(TestInfo test) {
    topic = test.getTestMethod().orElseThrow().getName() + "-" + System.nanoTime();
    api.post("/topic", "{\"name\":\"" + topic + "\",\"cluster\":\"c1\"}").ok(201);
  }

  private void publish(int partition, Object... values) {
    List<String> events = new ArrayList<>();
    for (Object value : values) {
      events.add("{\"partition\":" + partition + ",\"value\":" + value + "}");
    }
    api.post("/events", "{\"topic\":\"" + topic + "\",\"events\":" + events + "}").ok(201);
  }

  private static List<Integer> values(List<JsonNode> events) {
    return events.stream().map(event -> event.get("value").asInt()).toList();
  }

  @Test
  void givesLinesWithConsumerAndCursorInTheHeaders() {
    publish(0, 1, 2);
    publish(1, "{\"a\":\n [1,\r\n 2]}");

    try (EventSource lines = EventSource.lines(served.port(), "/events?topic=" + topic)) {
      assertThat(lines.status()).isEqualTo(200);
      assertThat(lines.header("Content-Type")).isEqualTo("application/x-ndjson");
      long consumer = Long.parseLong(lines.header("Ottla-Consumer-Id"));
      List<JsonNode> events = new ArrayList<>();
      for (String line = lines.line(); line != null; line = lines.line()) {
        events.add(MAPPER.readTree(line));
      }
      assertThat(events).hasSize(3);
      assertThat(events.getFirst().propertyNames())
          .containsExactly("topic", "partition", "offset", "timestamp", "key", "value", "headers");
      assertThat(events).anyMatch(e -> e.get("value").equals(MAPPER.readTree("{\"a\":[1,2]}")));
      JsonNode next =
          api.get("/events?consumer_id=" + consumer + "&cursor=" + lines.header("Ottla-Cursor"))
              .ok(200);
      assertThat(next.get("events")).isEmpty();
    }
  }

  @Test
  void givesLinesOfAPartitionAndWhereToGoOn() {
    publish(1, 1, 2, 3);
    String path = "/events?topic=" + topic + "&partition=1&offset=1&cursors=true";

    try (EventSource lines = EventSource.lines(served.port(), path)) {
      assertThat(lines.header("Ottla-Next-Offset")).isEqualTo("3");
      assertThat(lines.header("Ottla-Consumer-Id")).isEmpty();
      assertThat(MAPPER.readTree(lines.line()).get("value").asInt()).isEqualTo(2);
      assertThat(MAPPER.readTree(lines.line()).get("value").asInt()).isEqualTo(3);
      assertThat(lines.line()).isEqualTo("{\"cursor\":\"3\"}");
      assertThat(lines.line()).isNull();
    }
  }

  @Test
  void followsWithLinesAsTheyCome() {
    publish(0, 1);
    String path = "/events?topic=" + topic + "&follow=true&cursors=true";

    try (EventSource lines = EventSource.lines(served.port(), path)) {
      assertThat(lines.header("Ottla-Consumer-Id")).isNotEmpty();
      assertThat(lines.header("Ottla-Cursor")).isEmpty();
      assertThat(nextValue(lines)).isEqualTo(1);
      for (int i = 2; i < 20; i++) {
        publish(i % 3, i);
        assertThat(nextValue(lines)).isEqualTo(i);
      }
      String cursor = "";
      while (cursor.isEmpty()) {
        cursor = MAPPER.readTree(lines.line()).path("cursor").asString("");
      }
      assertThat(cursor).matches("[A-Za-z0-9_-]+");
    }
  }

  private static int nextValue(EventSource lines) {
    JsonNode line = MAPPER.readTree(lines.line());
    while (line.has("cursor")) {
      line = MAPPER.readTree(lines.line());
    }
    return line.get("value").asInt();
  }

  @Test
  void streamsEventsWithTheCursorBehindEach() {
    publish(0, 1, 2, 3);
    Event first;
    String consumer;

    try (EventSource source = EventSource.open(served.port(), "/events?topic=" + topic)) {
      assertThat(source.header("Content-Type")).isEqualTo("text/event-stream");
      assertThat(source.header("Cache-Control")).isEqualTo("no-store");
      Event hello = source.block();
      assertThat(hello.data()).isEmpty();
      assertThat(hello.id()).isNotEmpty();
      first = source.event();
      Event second = source.event();
      assertThat(first.json().get("value").asInt()).isEqualTo(1);
      assertThat(second.json().get("value").asInt()).isEqualTo(2);
      consumer = source.header("Ottla-Consumer-Id");
    }
    JsonNode goesOn = api.get("/events?consumer_id=" + consumer + "&cursor=" + first.id()).ok(200);
    assertThat(values(goesOn.get("events").valueStream().toList())).containsExactly(2, 3);
  }

  @Test
  void resumesBehindTheLastIdOfTheSameConsumer() {
    publish(0, 1, 2, 3);
    String path = "/events?topic=" + topic;
    String id;
    String consumer;
    try (EventSource source = EventSource.open(served.port(), path)) {
      source.events(2);
      id = source.lastId();
      consumer = source.header("Ottla-Consumer-Id");
    }
    publish(0, 4);

    try (EventSource again = EventSource.open(served.port(), path, id)) {
      assertThat(again.header("Ottla-Consumer-Id")).isEqualTo(consumer);
      assertThat(values(again.events(2))).containsExactly(3, 4);
    }
  }

  @Test
  void knowsAClientThatSawNoEventYetByItsFirstId() {
    String path = "/events?topic=" + topic + "&from=latest";
    String id;
    String consumer;
    try (EventSource source = EventSource.open(served.port(), path)) {
      id = source.block().id();
      consumer = source.header("Ottla-Consumer-Id");
    }
    publish(1, 7);

    try (EventSource again = EventSource.open(served.port(), path, id)) {
      assertThat(again.header("Ottla-Consumer-Id")).isEqualTo(consumer);
      assertThat(values(again.events(1))).containsExactly(7);
    }
  }

  @Test
  void streamsAPartitionWithOffsetsAsIds() {
    publish(2, 1, 2, 3);
    String path = "/events?topic=" + topic + "&partition=2&offset=1";
    String id;
    try (EventSource source = EventSource.open(served.port(), path)) {
      assertThat(source.block().id()).isEqualTo("1");
      assertThat(source.event().id()).isEqualTo("2");
      id = source.lastId();
    }

    try (EventSource again = EventSource.open(served.port(), path, id)) {
      Event third = again.event();
      assertThat(third.id()).isEqualTo("3");
      assertThat(third.json().get("value").asInt()).isEqualTo(3);
    }
  }

  @Test
  void aNewerRequestOfTheSameConsumerEndsTheStream() {
    publish(0, 1);
    try (EventSource source = EventSource.open(served.port(), "/events?topic=" + topic)) {
      source.events(1);
      api.get("/events?consumer_id=" + source.header("Ottla-Consumer-Id")).ok(200);

      Event last = source.event();
      assertThat(last.type()).isEqualTo("problem");
      assertThat(last.json().get("code").asString()).isEqualTo("poll_superseded");
      assertThat(source.event()).isNull();
    }
  }

  @Test
  void twoStreamsOfAGroupShareItsPartitions() {
    String path = "/events?topic=" + topic + "&group=g-" + topic;
    try (EventSource one = EventSource.open(served.port(), path);
        EventSource other = EventSource.open(served.port(), path)) {
      Seen seen = new Seen();
      Thread.startVirtualThread(() -> seen.collect("one", one));
      Thread.startVirtualThread(() -> seen.collect("other", other));
      for (int i = 0; i < 60; i++) {
        publish(i % 3, i);
      }
      publish(0, -1);
      publish(1, -1);
      publish(2, -1);

      assertThat(seen.ended).succeedsWithin(Duration.ofSeconds(20));
      assertThat(seen.values).doesNotHaveDuplicates().hasSize(60);
      assertThat(seen.readers).hasSize(2);
    }
  }

  /** What two streams gave, until each of three partitions' last value was seen. */
  private static final class Seen {
    private final List<Integer> values = new ArrayList<>();
    private final Set<String> readers = new HashSet<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int lasts;

    void collect(String reader, EventSource source) {
      for (Event event = source.event(); event != null; event = source.event()) {
        take(reader, event.json().get("value").asInt());
      }
    }

    private synchronized void take(String reader, int value) {
      readers.add(reader);
      if (value >= 0) {
        values.add(value);
      } else if (++lasts == 3) {
        ended.complete(null);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "application/json,follow=true,follow",
    "text/event-stream,follow=false,follow",
    "application/json,cursors=true,cursors",
    "text/event-stream,cursors=true,cursors",
    "application/x-ndjson,follow=perhaps,follow",
    "application/x-ndjson,session_timeout_ms=999,session_timeout_ms",
    "application/x-ndjson,partition=0&session_timeout_ms=5000,session_timeout_ms"
  })
  void refusesWhatDoesNotFitTheForm(String accept, String query, String field) {
    Api.Answer answer = api.getAs(accept, "/events?topic=" + topic + "&" + query);

    answer.invalid(field);
  }

  @Test
  void refusesBeforeTheStreamBeginsWhatCannotBe() {
    api.getAs("text/event-stream", "/events?topic=nope").problem(404, "topic_not_found");
    api.getAs("text/event-stream", "/events?topic=" + topic + "&partition=9")
        .problem(422, "partition_out_of_range");
    api.getAs("text/html", "/events?topic=" + topic).problem(406, "not_acceptable");
    assertThat(api.getAs("text/html, */*;q=0.1", "/events?topic=" + topic).status()).isEqualTo(200);
  }

  @Test
  void endsTheStreamOfAClientThatIsGone() throws Exception {
    String path = "/events?topic=" + topic + "&group=gone-" + topic;
    int before;
    try (EventSource source = EventSource.open(served.port(), path)) {
      source.block();
      before = served.streams();
    }

    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (served.streams() >= before && System.nanoTime() < deadlineNanos) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(served.streams()).isLessThan(before);
  }
}
