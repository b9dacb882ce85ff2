package io.ottla.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProducerSequence;
import io.ottla.http.RawHttp.Answer;
import io.ottla.http.RawHttp.Exchange;
import io.ottla.http.Route.Handling;
import io.ottla.http.upload.PostEventLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads of lines, from a client that sends whatever it likes. */
@Timeout(60)
class UploadTest {
  private static final String VALUES = "/events?topic=t&lines=value";

  private FakeStream stream;
  private HttpServer server;

  @BeforeEach
  void start() {
    start(Duration.ofSeconds(60), Duration.ofMinutes(5));
  }

  private void start(Duration arrival, Duration silence) {
    stream = new FakeStream();
    Route route =
        Route.of(
            "POST",
            "/events",
            Map.of(Media.LINES, new Handling.OfArriving(new PostEventLines(s -> stream.open(s)))));
    server =
        HttpServer.start(
            new HttpServer.Config("127.0.0.1", 0),
            new RouteTable(List.of(route, Route.of("POST", "/whole", _ -> Reply.noContent()))),
            new SlowClients.Limits(arrival, Duration.ofSeconds(30), silence, 1 << 20));
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private static String head(String path, String headers) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
        + headers
        + "\r\n";
  }

  private Answer post(String path, String body) throws IOException {
    return post(path, "", body.getBytes(UTF_8)).only();
  }

  private Exchange post(String path, String headers, byte[] body) throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head(path, headers + "Content-Length: " + body.length + "\r\n"));
      return http.send(body).readToEnd();
    }
  }

  private static byte[] chunk(byte[] bytes, int from, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes((Integer.toHexString(to - from) + "\r\n").getBytes(ISO_8859_1));
    out.write(bytes, from, to - from);
    out.writeBytes("\r\n".getBytes(ISO_8859_1));
    return out.toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void commitsEveryLineAndSaysWhere() throws IOException {
    Answer answer =
        post(
            "/events?topic=t",
            """
            \ufeff{"key":"a","value":{"n":1}}\r

            \t\s
            {"value":2,"key":"b","headers":{"h":"x"}}
            \r
             {"key":"c","value":null}\s
            {"value":"é"}\
            """);

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.body())
        .isEqualTo(
            "{\"topic\":\"t\",\"committed\":true,\"count\":4,\"partitions\":{"
                + "\"0\":{\"first\":0,\"last\":2,\"count\":3},"
                + "\"2\":{\"first\":0,\"last\":0,\"count\":1}}}");
    assertThat(stream.values).containsExactly("{\"n\":1}", "2", "", "\"é\"");
    assertThat(stream.keys).containsExactly("a", "b", "c", "");
    assertThat(stream.lines).containsExactly(0L, 3L, 5L, 6L);
    assertThat(stream.finished).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", " \r\n\n", "\ufeff"})
  void aBodyWithoutEventsIsACountOfNone(String body) throws IOException {
    Answer answer = post(VALUES, body);

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.body()).contains("\"count\":0,\"partitions\":{}");
  }

  @Test
  void takesKeysOutOfValues() throws IOException {
    Answer answer = post(VALUES + "&key=/u/id&partition=1", "{\"u\":{\"id\":7}}\nnull\n");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("\"field\":\"key\"", "\"line\":2", "\"count\":1");
    assertThat(stream.keys).containsExactly("7");
  }

  @Test
  void passesOnWhatTheQueryAndHeadersSay() throws IOException {
    post(
        "/events?topic=t&cluster=c&timeout_ms=77&sequence=5",
        "Producer-Id: 12\r\n",
        "{}\n".getBytes(UTF_8));

    assertThat(stream.request.cluster()).contains("c");
    assertThat(stream.request.timeout()).isEqualTo(Duration.ofMillis(77));
    assertThat(stream.request.producer()).contains(new ProducerSequence(12, 5));
  }

  @ParameterizedTest
  @CsvSource({"'', 10000", "&timeout_ms=1, 1", "&timeout_ms=60000, 60000"})
  void aPieceMayTakeTenSecondsUnlessTheQuerySaysOtherwise(String query, long timeoutMs)
      throws IOException {
    Answer answer = post("/events?topic=t" + query, "{}\n");

    assertThat(answer.status()).isEqualTo(201);
    assertThat(stream.request.timeout()).isEqualTo(Duration.ofMillis(timeoutMs));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "topic       | /events",
        "topic       | /events?topic=t&topic=t",
        "lines       | /events?topic=t&lines=x",
        "key         | /events?topic=t&key=/a",
        "partition   | /events?topic=t&partition=1",
        "key         | /events?topic=t&lines=value&key=a",
        "partition   | /events?topic=t&lines=value&partition=x",
        "timeout_ms  | /events?topic=t&timeout_ms=0",
        "timeout_ms  | /events?topic=t&timeout_ms=60001",
        "sequence    | /events?topic=t&producer_id=1",
        "producer_id | /events?topic=t&sequence=1",
        "producer_id | /events?topic=t&producer_id=0&sequence=1",
        "results     | /events?topic=t&results=events",
        "x           | /events?topic=t&x=1"
      })
  void refusesAQueryBeforeItReadsTheBody(String field, String path) throws IOException {
    Exchange exchange =
        RawHttp.exchange(
            server.port(), head(path, "Content-Length: 9\r\nExpect: 100-continue\r\n"));

    assertThat(exchange.only().status()).isEqualTo(400);
    assertThat(exchange.only().body())
        .contains("\"field\":\"" + field + "\"", "\"appended\":false");
    assertThat(stream.request).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "Producer-Id: 1, sequence",
    "Producer-Sequence: 1, producer_id",
    "Producer-Id: x, Producer-Id",
    "Producer-Sequence: -1, Producer-Sequence",
  })
  void namesTheHeaderThatIsWrong(String header, String field) throws IOException {
    Answer answer = post("/events?topic=t", header + "\r\n", new byte[0]).only();

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("\"field\":\"" + field + "\"");
  }

  @Test
  void refusesAProducerThatIsSaidTwice() throws IOException {
    Answer both =
        post("/events?topic=t&producer_id=1&sequence=1", "Producer-Id: 1\r\n", new byte[0]).only();
    Answer twice =
        post("/events?topic=t&sequence=1", "Producer-Id: 1\r\nProducer-Id: 1\r\n", new byte[0])
            .only();

    assertThat(both.body()).contains("\"field\":\"producer_id\"");
    assertThat(twice.body()).contains("\"field\":\"Producer-Id\"");
  }

  @Test
  void saysAtOnceThatThereIsNoSuchTopic() throws IOException {
    Exchange exchange =
        RawHttp.exchange(
            server.port(),
            head("/events?topic=none", "Content-Length: 9\r\nExpect: 100-continue\r\n"));

    assertThat(exchange.only().status()).isEqualTo(404);
    assertThat(exchange.only().body()).contains("topic_not_found", "\"appended\":false");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":}                               | invalid_request",
        "{} {}                                  | invalid_request",
        "{\"key\":\"too large\",\"value\":1}    | record_too_large",
        "{\"sequence\":1}                       | invalid_request",
        "[]                                     | invalid_request"
      })
  void aBadLineStopsTheStreamBehindAllBeforeIt(String bad, String code) throws IOException {
    Answer answer = post("/events?topic=t", "{\"value\":1}\n\n{\"value\":2}\n" + bad + "\n{}\n");

    assertThat(answer.status()).isBetween(400, 413);
    assertThat(answer.body())
        .contains("\"code\":\"" + code, "\"line\":4", "\"count\":2", "\"appended\":false")
        .contains("\"partitions\":{\"0\":{\"first\":0,\"last\":0,\"count\":1},\"2\":");
    assertThat(stream.values).containsExactly("1", "2");
  }

  @Test
  void cutsLinesWhereverTheBytesAreDivided() throws IOException {
    byte[] body =
        "{\"key\":\"é\",\"value\":1}\r\n\n{\"value\":\"\\n\"}\n{\"key\":\"k\"}".getBytes(UTF_8);
    for (int first = 1; first < body.length - 1; first += 2) {
      for (int second = first + 1; second < body.length; second += 7) {
        stream = new FakeStream();
        try (RawHttp http = new RawHttp(server.port())) {
          http.send(head("/events?topic=t", "Transfer-Encoding: chunked\r\n"));
          http.send(chunk(body, 0, first));
          http.send(chunk(body, first, second));
          http.send(chunk(body, second, body.length));
          http.send(
              "0\r\n\r\nPOST /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
          Exchange exchange = http.readUntilClosed();

          // The second request shows that the connection stands behind the first one's body.
          assertThat(exchange.answers()).extracting(Answer::status).containsExactly(201, 400);
        }
        assertThat(stream.values).containsExactly("1", "\"\\n\"", "");
        assertThat(stream.lines).containsExactly(0L, 2L, 3L);
      }
    }
  }

  @Test
  void cutsRandomLinesOfAllSizes() throws IOException {
    Random random = new Random(7);
    List<String> values = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      int size = random.nextInt(200) == 0 ? random.nextInt(2_000_000) : random.nextInt(300);
      String value = "\"" + "x".repeat(size) + i + "\"";
      values.add(value);
      body.append(value).append(random.nextBoolean() ? "\n" : "\r\n");
    }
    byte[] bytes = body.toString().getBytes(UTF_8);

    Answer plain = post(VALUES, "", bytes).only();
    List<String> ofPlain = List.copyOf(stream.values);
    stream = new FakeStream();
    Answer zipped = post(VALUES, "Content-Encoding: gzip\r\n", gzip(bytes)).only();

    assertThat(plain.status()).isEqualTo(201);
    assertThat(zipped.status()).as(zipped.body()).isEqualTo(201);
    assertThat(ofPlain).isEqualTo(values);
    assertThat(List.copyOf(stream.values)).isEqualTo(values);
    await().until(() -> server.bodiesBytes() == 0);
  }

  @Test
  void commitsALineBeforeTheNextOneIsSent() throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head(VALUES, "Transfer-Encoding: chunked\r\n"));
      for (int i = 0; i < 5; i++) {
        http.send("2\r\n" + i + "\n\r\n");
        int expected = i + 1;
        await().until(() -> stream.count == expected);
      }
      http.send("0\r\n\r\n");

      assertThat(http.readToEnd().only().status()).isEqualTo(201);
    }
    assertThat(stream.pieces).containsOnly(1);
  }

  @Test
  void anUploadMayTakeLongerThanOtherRequests() throws IOException {
    server.stop();
    start(Duration.ofMillis(100), Duration.ofMinutes(5));
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head(VALUES, "Transfer-Encoding: chunked\r\n") + "2\r\n0\n\r\n");
      await().until(() -> stream.count == 1);
      Exchange slow =
          RawHttp.exchangeToTheEnd(
              server.port(),
              "POST /whole HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n");
      http.send("2\r\n1\n\r\n0\r\n\r\n");

      assertThat(slow.only().status()).isEqualTo(408);
      assertThat(http.readToEnd().only().status()).isEqualTo(201);
    }
  }

  @Test
  void whoeverIsRefusedAndSaysNoMoreIsLeft() throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head("/events?topic=none", "Content-Length: 9\r\n") + "1\n");

      assertThat(http.readToEnd().only().status()).isEqualTo(404);
      await().atMost(Duration.ofSeconds(30)).until(() -> server.requestsUnderWay() == 0);
    }
  }

  @Test
  void gathersTheNextPieceWhileOneIsCommitted() throws IOException {
    stream.gate.drainPermits();
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head(VALUES, "Transfer-Encoding: chunked\r\n"));
      http.send("2\r\n0\n\r\n");
      await().until(() -> stream.gate.hasQueuedThreads());
      for (int i = 1; i < 10; i++) {
        http.send("2\r\n" + i + "\n\r\n");
      }
      http.send("0\r\n\r\n");
      stream.gate.release();
      await().until(() -> stream.count == 1 && stream.gate.hasQueuedThreads());
      stream.gate.release(20);

      assertThat(http.readToEnd().only().status()).isEqualTo(201);
    }
    assertThat(stream.values).hasSize(10);
    assertThat(stream.pieces.getFirst()).isEqualTo(1);
  }

  @Test
  void aBodyThatIsCutIsCommittedUpToItsLastWholeLine() throws IOException {
    for (String framing :
        new String[] {
          "Content-Length: 100\r\n\r\n1\n2\n3",
          "Transfer-Encoding: chunked\r\n\r\n5\r\n1\n2\n3\r\n",
          "Transfer-Encoding: chunked\r\n\r\n9\r\n1\n2\n3"
        }) {
      stream = new FakeStream();
      try (RawHttp http = new RawHttp(server.port())) {
        http.send(head(VALUES, framing).replaceFirst("\r\n$", ""));
        http.sendNoMore();
        Exchange exchange = http.readUntilClosed();

        assertThat(exchange.only().status()).isEqualTo(400);
        assertThat(exchange.only().body())
            .contains("body_incomplete", "\"count\":2", "\"appended\":false");
        assertThat(exchange.closed()).isTrue();
      }
      assertThat(stream.values).containsExactly("1", "2");
      assertThat(stream.finished).isFalse();
    }
  }

  @Test
  void gzipThatIsCutOrBrokenCommitsWhatItHolds() throws IOException {
    byte[] zipped = gzip("1\n2\n3\n".getBytes(UTF_8));
    byte[] broken = zipped.clone();
    broken[zipped.length - 5] ^= 1; // its size
    String gzip = "Content-Encoding: gzip\r\n";

    Answer cut = post(VALUES, gzip, java.util.Arrays.copyOf(zipped, zipped.length - 3)).only();
    Answer wrong = post(VALUES, gzip, broken).only();
    Answer none = post(VALUES, gzip, "1\n2\n".getBytes(UTF_8)).only();

    assertThat(cut.body()).contains("body_incomplete", "\"count\":3", "\"status\":400");
    assertThat(wrong.body()).contains("invalid_gzip", "\"count\":6", "\"status\":400");
    assertThat(none.body()).contains("invalid_gzip", "\"appended\":false");
  }

  @Test
  void gzipMembersMayFollowEachOther() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(gzip("1\n2".getBytes(UTF_8)));
    body.writeBytes(gzip(new byte[0]));
    body.writeBytes(gzip("0\n3\n".getBytes(UTF_8)));

    Answer answer = post(VALUES, "Content-Encoding: x-gzip\r\n", body.toByteArray()).only();

    assertThat(answer.status()).isEqualTo(201);
    assertThat(stream.values).containsExactly("1", "20", "3");
  }

  @Test
  void aGzipBombIsFoundWhileItIsDecoded() throws IOException {
    stream.keeps = false;
    byte[] line = ("\"" + "x".repeat(1 << 20) + "\"\n").getBytes(UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      for (int i = 0; i < 300; i++) {
        gzip.write(line);
      }
    }

    Answer answer = post(VALUES, "Content-Encoding: gzip\r\n", out.toByteArray()).only();

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.body()).contains("body_too_large", "\"appended\":false", "\"count\":");
    assertThat(stream.count).isBetween(60L, 200L);
  }

  @Test
  void aLongUploadNeedsNoMoreMemoryThanAShortOne() throws IOException {
    stream.keeps = false;
    byte[] lines = ("\"" + "x".repeat(1000) + "\"\n").repeat(1000).getBytes(UTF_8);
    long mostBytes = 0;
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head(VALUES, "Transfer-Encoding: chunked\r\n"));
      for (int i = 0; i < 128; i++) {
        http.send(chunk(lines, 0, lines.length));
        mostBytes = Math.max(mostBytes, server.bodiesBytes());
      }
      http.send("0\r\n\r\n");

      assertThat(http.readToEnd().only().status()).isEqualTo(201);
    }
    assertThat(stream.count).isEqualTo(128_000);
    assertThat(mostBytes).isLessThan(8 << 20);
  }

  @Test
  void aLineMayHaveEightMebibytes() throws IOException {
    stream.keeps = false;
    String longest = "\"" + "x".repeat(8 * 1024 * 1024 - 2) + "\"";

    Answer fits = post(VALUES, "1\n" + longest + "\r\n2\n");
    long fitting = stream.count;
    Answer tooLong = post(VALUES, "1\n" + longest.replaceFirst("x", "xx") + "\n2\n");

    assertThat(fits.status()).as(fits.body()).isEqualTo(201);
    assertThat(fitting).isEqualTo(3);
    assertThat(tooLong.status()).isEqualTo(413);
    assertThat(tooLong.body()).contains("record_too_large", "\"line\":2", "\"appended\":false");
    await().until(() -> server.bodiesBytes() == 0);
  }

  @Test
  void whatIsRefusedIsAnsweredWhileTheClientGoesOnSending() throws IOException {
    stream.keeps = false;
    stream.refusesFrom = 0;
    stream.refusal = Refusal.of(RefusalCode.NOT_COMMITTED, "by the test").perhapsAppended();
    byte[] lines = "12345\n".repeat(20_000).getBytes(UTF_8);
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head(VALUES, "Transfer-Encoding: chunked\r\n"));
      for (int i = 0; i < 100; i++) {
        http.send(chunk(lines, 0, lines.length));
      }
      http.send("0\r\n\r\n");
      Exchange exchange = http.readUntilClosed();

      assertThat(exchange.only().status()).isEqualTo(503);
      assertThat(exchange.only().header("Retry-After")).isEqualTo("1");
      assertThat(exchange.only().body())
          .contains("not_committed", "\"appended\":\"unknown\"", "\"count\":0,\"partitions\":{}");
      assertThat(exchange.closed()).isTrue();
    }
    await().until(() -> server.requestsUnderWay() == 0);
    assertThat(server.bodiesBytes()).isZero();
  }

  @Test
  void aClientThatIsSilentIsToldAndLeft() throws IOException {
    server.stop();
    start(Duration.ofSeconds(60), Duration.ofMillis(300));
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head(VALUES, "Transfer-Encoding: chunked\r\n") + "4\r\n1\n2\n\r\n");
      Exchange exchange = http.readToEnd();

      assertThat(exchange.only().status()).isEqualTo(408);
      assertThat(exchange.only().body())
          .contains("request_timeout", "\"count\":2", "\"appended\":false");
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> server.requestsUnderWay() == 0);
  }

  @Test
  void aServerThatStopsSaysWhatIsCommitted() throws IOException, InterruptedException {
    Thread stop = Thread.ofVirtual().unstarted(server::stop);
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(head(VALUES, "Transfer-Encoding: chunked\r\n") + "4\r\n1\n2\n\r\n");
      await().until(() -> stream.count == 2);
      stop.start();
      Exchange exchange = http.readToEnd();

      assertThat(exchange.only().status()).isEqualTo(503);
      assertThat(exchange.only().body()).contains("not_ready", "\"count\":2", "\"appended\":false");
    }
    stop.join();
  }

  @Test
  void manyStalledUploadsHoldLittleAndOthersGoOn() throws IOException {
    List<RawHttp> stalled = new ArrayList<>();
    byte[] begun = ("\"" + "x".repeat(1 << 20)).getBytes(UTF_8);
    try {
      for (int i = 0; i < 120; i++) {
        RawHttp http = new RawHttp(server.port());
        stalled.add(http);
        http.send(head(VALUES, "Content-Length: 9000000\r\n"));
        http.send(begun);
      }
      await().until(() -> server.bodiesBytes() > 48 << 20);

      assertThat(post(VALUES, "1\n2\n").status()).isEqualTo(201);
      assertThat(server.bodiesBytes()).isLessThanOrEqualTo(96 << 20);
      Answer refused = firstAnswer(stalled);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.body()).contains("overloaded", "\"count\":", "\"appended\":false");
    } finally {
      for (RawHttp http : stalled) {
        http.close();
      }
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> server.bodiesBytes() == 0);
  }

  /** That of any who got one. */
  private static Answer firstAnswer(List<RawHttp> clients) throws IOException {
    for (RawHttp http : clients.reversed()) {
      List<Answer> answers = http.readToEnd().answers();
      if (!answers.isEmpty()) {
        return answers.getFirst();
      }
    }
    throw new AssertionError("nobody was answered");
  }
}
