package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.testkit.FakeServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OttlaLineReaderTest {
  private static final ReadRequest REQUEST =
      new ReadRequest("c1", "liked", 10, 1000, Duration.ofMillis(5));
  private static final String QUERY =
      "GET /events?cluster=c1&topic=liked&max_events=10&max_bytes=1000&wait_ms=5";

  private FakeServer server;
  private OttlaLineReader reader;

  @BeforeEach
  void start() throws IOException {
    server = FakeServer.start();
    reader = new OttlaLineReader(server.url().toString());
  }

  @AfterEach
  void stop() {
    reader.close();
    server.close();
  }

  @Test
  void aPartitionIsReadFromAnOffsetOrATimeOn() {
    Map<String, String> next = Map.of("Ottla-Next-Offset", "9");
    server.answer(QUERY + "&partition=2&offset=7", 200, "{\"a\":1}\n", next);
    server.answer(QUERY + "&partition=2&from=latest", 200, "", next);

    EventLines fromOffset = reader.read(REQUEST, 2, 7);
    EventLines fromEnd = reader.read(REQUEST, 2, "latest");

    assertThat(new String(fromOffset.bytes(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}\n");
    assertThat(fromOffset.nextOffset()).isEqualTo(9);
    assertThat(fromEnd.bytes()).isEmpty();
  }

  @Test
  void aMemberGoesOnFromWhatItWasGivenAndLeaves() {
    Map<String, String> first = Map.of("Ottla-Consumer-Id", "4", "Ottla-Cursor", "abc");
    Map<String, String> second = Map.of("Ottla-Consumer-Id", "4", "Ottla-Cursor", "def");
    server.answer(QUERY + "&group=g1&from=earliest&auto_commit=false", 200, "", first);
    server.answer(QUERY + "&consumer_id=4&cursor=abc&auto_commit=false", 200, "", second);
    server.answer("DELETE /consumer/4", 204, "");

    EventLines next = reader.poll(REQUEST, reader.join(REQUEST, "g1", "earliest"));
    reader.leave(next.consumerId());

    assertThat(next.cursor()).isEqualTo("def");
    assertThat(server.requests()).last().isEqualTo("DELETE /consumer/4");
  }
}
