package io.ottla.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.http.RawHttp.Answer;
import io.ottla.http.RawHttp.Exchange;
import io.ottla.http.json.JsonBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The edges of HTTP, from a client that sends whatever it likes. */
class HttpEdgesTest {
  private static final String OK = "HTTP/1.1\r\nHost: localhost\r\n";
  private static final AtomicInteger HANDLED = new AtomicInteger();
  private static final CountDownLatch SLOW_BEGUN = new CountDownLatch(1);

  private static HttpServer server;

  @BeforeAll
  static void start() {
    RequestHandler echo =
        request -> {
          HANDLED.incrementAndGet();
          String body =
              new String(request.body(), 0, request.bodyLengthBytes(), StandardCharsets.UTF_8);
          return Reply.json(200, new JsonBuffer(64).string(body));
        };
    server =
        HttpServer.start(
            new HttpServer.Config("127.0.0.1", 0),
            new RouteTable(
                List.of(
                    Route.of("GET", "/echo", echo),
                    Route.of("POST", "/echo", echo),
                    Route.of("POST", "/events", echo),
                    Route.of("GET", "/named/{name}", HttpEdgesTest::name),
                    Route.of(
                        "GET",
                        "/broken",
                        request -> {
                          throw new IllegalStateException("secret io.ottla.Thing");
                        }))));
  }

  private static Reply name(Request request) {
    return Reply.json(200, new JsonBuffer(64).string(request.pathParameter(0)));
  }

  @AfterAll
  static void stop() {
    server.stop();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        "GET\r\n\r\n",
        "GET /echo\r\n\r\n",
        "GET  /echo HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /echo HTTP/1.0\r\nHost: localhost\r\n\r\n",
        "GET /echo HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "GET /echo HTTP/1.1\nHost: localhost\n\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\n\r\n",
        "GET /echo HTTP/1.1\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost:\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: local host\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost:port\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nNoColon\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nA : x\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nA: x\r\n folded\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nA: x\u0000y\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nA: x\ry\r\n\r\n",
        "GET /ec\u0000ho HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /echo?a=\u0001 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /echo " + OK + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /echo " + OK + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST /echo " + OK + "Content-Length: 1, 1\r\n\r\na",
        "POST /echo " + OK + "Content-Length: -1\r\n\r\na",
        "POST /echo " + OK + "Content-Length: +1\r\n\r\na",
        "POST /echo " + OK + "Content-Length: 0x1\r\n\r\na",
        "POST /echo " + OK + "Content-Length: 1a\r\n\r\na",
        "POST /echo " + OK + "Content-Length: 99999999999999999999\r\n\r\na",
        "POST /echo "
            + OK
            + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: identity\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\nx\r\na\r\n0\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\na\r\n0\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\n\r\n",
        "POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"
      })
  void answersWhatIsNotHttpOnceWith4xxAndCloses(String request) throws IOException {
    int before = HANDLED.get();

    // A second request follows, which must not be answered.
    Exchange exchange =
        RawHttp.exchangeToTheEnd(
            server.port(), request + "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");

    assertProblem(exchange.only(), 400);
    assertThat(exchange.closed()).isTrue();
    assertThat(HANDLED).hasValue(before);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /nope,            404, route_not_found",
    "GET,    /,                404, route_not_found",
    "GET,    /echo/,           404, route_not_found",
    "GET,    //echo,           404, route_not_found",
    "GET,    /ECHO,            404, route_not_found",
    "GET,    /named,           404, route_not_found",
    "GET,    /named/a/b,       404, route_not_found",
    "PUT,    /echo,            405, method_not_allowed",
    "TRACE,  /echo,            405, method_not_allowed",
    "BREW,   /echo,            405, method_not_allowed",
    "DELETE, /named/x,         405, method_not_allowed",
    "GET,    /named/%ff,       400, bad_request",
    "GET,    /echo?a=1&a=2,    400, invalid_request",
    "GET,    /echo?a=%ff,      400, invalid_request"
  })
  void answersWhatHasNoRouteWithAProblem(String method, String path, int status, String code)
      throws IOException {
    Exchange exchange = RawHttp.exchange(server.port(), method + " " + path + " " + OK + "\r\n");

    assertProblem(exchange.only(), status);
    assertThat(exchange.only().body()).contains("\"code\":\"" + code + "\"");
  }

  @Test
  void names405sOtherMethods() throws IOException {
    Answer answer = RawHttp.exchange(server.port(), "PUT /echo " + OK + "\r\n").only();
    Answer head = RawHttp.exchange(server.port(), "HEAD /echo " + OK + "\r\n").only();

    assertThat(answer.header("Allow")).isEqualTo("GET, POST");
    assertThat(answer.body()).contains("\"allow\":[\"GET\",\"POST\"]");
    assertThat(head.status()).isEqualTo(405);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void keepsTheConnectionOverSeveralRequests() throws IOException {
    String one = "POST /echo " + OK + "Content-Length: 2\r\n\r\nab";
    String chunked =
        "POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\n1\r\nc\r\n2\r\nde\r\n0\r\n\r\n";

    try (RawHttp http = new RawHttp(server.port())) {
      Exchange exchange =
          http.send(one + chunked + "GET /nope " + OK + "\r\n" + one).readAnswers(4);

      assertThat(exchange.answers()).extracting(Answer::status).containsExactly(200, 200, 404, 200);
      assertThat(exchange.answers()).extracting(Answer::body).contains("\"ab\"", "\"cde\"");
      assertThat(exchange.closed()).isFalse();
    }
  }

  @Test
  void closesTheConnectionWhenAskedTo() throws IOException {
    Exchange exchange =
        RawHttp.exchangeToTheEnd(server.port(), "GET /echo " + OK + "Connection: close\r\n\r\n");

    assertThat(exchange.only().status()).isEqualTo(200);
    assertThat(exchange.closed()).isTrue();
  }

  @Test
  void readsABodyOnGet() throws IOException {
    Exchange exchange =
        RawHttp.exchange(server.port(), "GET /echo " + OK + "Content-Length: 2\r\n\r\n{}");

    assertThat(exchange.only().body()).isEqualTo("\"{}\"");
  }

  @Test
  void asksForABodyThatWaitsForAHundred() throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      http.send("POST /echo " + OK + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
      http.send("hi");

      assertThat(http.readToEnd().only().body()).isEqualTo("\"hi\"");
    }
  }

  @Test
  void refusesABodyThatIsTooLargeWithoutReadingIt() throws IOException {
    int tooLarge = BodyReader.MAX_BODY_BYTES + 1;
    Exchange promised =
        RawHttp.exchangeToTheEnd(
            server.port(),
            "POST /events "
                + OK
                + "Content-Length: "
                + tooLarge
                + "\r\nExpect: 100-continue\r\n\r\n");

    assertProblem(promised.only(), 413);
    assertThat(promised.only().body()).contains("\"appended\":false");
    assertThat(promised.closed()).isTrue();
  }

  @Test
  void refusesABodyThatGrowsTooLarge() throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      http.send("POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\n");
      String chunk = "10000\r\n" + "x".repeat(65536) + "\r\n";
      for (int i = 0; i <= 256; i++) {
        http.send(chunk);
      }
      Exchange exchange = http.readToEnd();

      assertProblem(exchange.only(), 413);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\n\r\nabcd",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nabcd",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n",
        "Transfer-Encoding: chunked\r\n\r\n"
      })
  void saysThatABodyIsCut(String cut) throws IOException {
    int before = HANDLED.get();
    try (RawHttp http = new RawHttp(server.port())) {
      http.send("POST /events " + OK + cut);
      http.sendNoMore();
      Exchange exchange = http.readUntilClosed();

      assertProblem(exchange.only(), 400);
      assertThat(exchange.only().body()).contains("body_incomplete", "\"appended\":false");
      assertThat(exchange.closed()).isTrue();
      assertThat(HANDLED).hasValue(before);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST /events/x HTTP/1.1, localhost, 404",
    "POST /events HTTP/1.1, example.org, 403",
    "POST /events?a=%ff HTTP/1.1, localhost, 400",
    "POST /events HTTP/1.0, localhost, 400",
    "POST /events HTTP/1.1, a b, 400"
  })
  void everyFailedProduceSaysThatNothingIsAppended(String line, String host, int status)
      throws IOException {
    Answer answer = RawHttp.exchange(server.port(), line + "\r\nHost: " + host + "\r\n\r\n").only();

    assertProblem(answer, status);
    assertThat(answer.body()).contains("\"appended\":false");
  }

  @Test
  void readsAChunkLargerThanAnyBodyPieceByPiece() throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      http.send("POST /echo " + OK + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
      byte[] piece = new byte[1 << 20];
      for (int i = 0; i <= 16; i++) {
        http.send(piece);
      }
      Exchange exchange = http.readToEnd();

      assertProblem(exchange.only(), 413);
    }
  }

  @Test
  void decodesGzipUpToTheLargestSize() throws IOException {
    byte[] small = gzip("{}".repeat(5_000));
    byte[] bomb = gzip("x".repeat(BodyReader.MAX_BODY_BYTES + 1));
    byte[] most = gzip("x".repeat(BodyReader.MAX_BODY_BYTES));

    assertThat(postGzip(small).body()).isEqualTo("\"" + "{}".repeat(5_000) + "\"");
    assertThat(postGzip(most).status()).isEqualTo(200);
    assertProblem(postGzip(bomb), 413);
    assertThat(postGzip(Arrays.copyOf(small, small.length - 9)).body())
        .contains("body_incomplete", "\"appended\":false");
    await().until(() -> server.bodiesBytes() == 0);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static Answer postGzip(byte[] body) throws IOException {
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(
          "POST /events "
              + OK
              + "Content-Encoding: gzip\r\nContent-Length: "
              + body.length
              + "\r\n\r\n");
      return http.send(body).readToEnd().only();
    }
  }

  @Test
  void takesABodyOfTheLargestSize() throws IOException {
    String body = "x".repeat(BodyReader.MAX_BODY_BYTES);

    Answer answer =
        RawHttp.exchange(
                server.port(),
                "POST /echo " + OK + "Content-Length: " + body.length() + "\r\n\r\n" + body)
            .only();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).hasSize(body.length() + 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"?", "&"})
  void refusesARequestLineAndHeadersThatAreTooLong(String filler) throws IOException {
    Answer line =
        RawHttp.exchange(server.port(), "GET /echo?" + filler.repeat(20_000) + " " + OK + "\r\n")
            .only();
    Answer headers =
        RawHttp.exchange(
                server.port(), "GET /echo " + OK + "A: " + filler.repeat(40_000) + "\r\n\r\n")
            .only();

    assertProblem(line, 414);
    assertProblem(headers, 400);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json                  | 200",
        "application/json; charset=utf-8   | 200",
        "Application/JSON;charset=\"UTF-8\"| 200",
        "application/x-www-form-urlencoded | 200",
        "application/json; charset=latin1  | 415",
        "text/plain                        | 415",
        "application/x-ndjson              | 415",
        "application/octet-stream          | 415",
        "multipart/form-data; boundary=x   | 415"
      })
  void readsJsonWhateverCurlCallsIt(String type, int status) throws IOException {
    Answer answer =
        RawHttp.exchange(
                server.port(),
                "POST /events " + OK + "Content-Type: " + type + "\r\nContent-Length: 2\r\n\r\n{}")
            .only();

    assertThat(answer.status()).isEqualTo(status);
    if (status == 415) {
      assertProblem(answer, 415);
      assertThat(answer.body()).contains("\"appended\":false", "Bodies must be");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "br            | 415 | unsupported_encoding",
        "deflate       | 415 | unsupported_encoding",
        "gzip, gzip    | 415 | unsupported_encoding",
        "gzip          | 400 | invalid_gzip",
        "IDENTITY      | 200 | {}"
      })
  void refusesBodiesInOtherEncodings(String encoding, int status, String says) throws IOException {
    Answer answer =
        RawHttp.exchange(
                server.port(),
                "POST /events "
                    + OK
                    + "Content-Encoding: "
                    + encoding
                    + "\r\nContent-Length: 2\r\n\r\n{}")
            .only();

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body()).contains(says);
    if (status != 200) {
      assertProblem(answer, status);
      assertThat(answer.body()).contains("\"appended\":false");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LOCALHOST:99", "127.0.0.1:8080", "127.9.9.9", "[::1]", "[::1]:8080"})
  void answersWhoeverNamesTheLoopback(String host) throws IOException {
    assertThat(get("Host: " + host + "\r\n").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.org",
        "localhost.example.org",
        "localhost@example.org",
        "127.0.0.1.example.org:8080",
        "192.168.0.1",
        "[::2]:8080",
        "0.0.0.0"
      })
  void refusesOtherHosts(String host) throws IOException {
    Answer answer = get("Host: " + host + "\r\n");

    assertThat(answer.status()).isIn(400, 403);
    assertProblem(answer, answer.status());
  }

  @Test
  void refusesPagesOfOtherSites() throws IOException {
    String host = "Host: localhost:8080\r\n";

    assertThat(get(host + "Origin: http://localhost:8080\r\n").status()).isEqualTo(200);
    assertProblem(get(host + "Origin: http://example.org\r\n"), 403);
    assertProblem(get(host + "Origin: http://localhost:3000\r\n"), 403);
    assertProblem(get(host + "Origin: https://localhost:8080\r\n"), 403);
    assertProblem(get(host + "Origin: null\r\n"), 403);
    assertProblem(get(host + "Sec-Fetch-Site: cross-site\r\n"), 403);
    assertThat(get(host + "Sec-Fetch-Site: none\r\n").status()).isEqualTo(200);
  }

  @Test
  void decodesNamesInPaths() throws IOException {
    assertThat(body("/named/a%2Fb")).isEqualTo("\"a/b\"");
    assertThat(body("/named/%C3%BC+x")).isEqualTo("\"ü+x\"");
    assertThat(body("/named/..")).isEqualTo("\"..\"");
  }

  @Test
  void saysNothingOfItsInsidesWhenItFails() throws IOException {
    Answer answer = RawHttp.exchange(server.port(), "GET /broken " + OK + "\r\n").only();

    assertProblem(answer, 500);
    assertThat(answer.body()).doesNotContain("secret", "Exception", "io.ottla");
  }

  @Test
  void forgetsAClientThatGoesAwayWithinARequest() throws IOException {
    String request = "POST /echo " + OK + "Content-Length: 5\r\n\r\nabcd";
    int before = HANDLED.get();
    for (int length = 1; length <= request.length(); length++) {
      try (RawHttp http = new RawHttp(server.port())) {
        http.send(request.substring(0, length));
      }
    }

    assertThat(RawHttp.exchange(server.port(), request + "e").only().status()).isEqualTo(200);
    assertThat(HANDLED).hasValue(before + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /echo HTTP/1.1\r\nHost: local",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab",
        "POST /nope HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab"
      })
  void closesTheConnectionOfARequestThatDoesNotArrive(String beginning) throws IOException {
    HttpServer impatient =
        HttpServer.start(
            new HttpServer.Config("127.0.0.1", 0),
            new RouteTable(
                List.of(
                    Route.of("POST", "/echo", request -> Reply.noContent()),
                    Route.of("POST", "/events", request -> Reply.noContent()))),
            new SlowClients.Limits(
                Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofMinutes(5), 1 << 20));
    try {
      Exchange exchange = RawHttp.exchangeToTheEnd(impatient.port(), beginning);

      assertThat(exchange.closed()).isTrue();
      Answer answer = exchange.answers().getFirst();
      assertProblem(answer, beginning.contains("nope") ? 404 : 408);
      assertThat(answer.body().contains("\"appended\":false"))
          .isEqualTo(beginning.contains("/events"));
    } finally {
      impatient.stop();
    }
  }

  @Test
  void finishesWhatItHasBegunWhenItStops() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    HttpServer stopping =
        HttpServer.start(
            new HttpServer.Config("localhost", 0),
            new RouteTable(
                List.of(
                    Route.of(
                        "GET",
                        "/slow",
                        request -> {
                          SLOW_BEGUN.countDown();
                          go.await();
                          return Reply.json(200, new JsonBuffer(8).raw("1"));
                        }))));
    try (RawHttp slow = new RawHttp(stopping.port());
        RawHttp idle = new RawHttp(stopping.port())) {
      slow.send("GET /slow " + OK + "\r\n");
      assertThat(SLOW_BEGUN.await(5, TimeUnit.SECONDS)).isTrue();
      Thread stop = Thread.ofVirtual().start(stopping::stop);
      idle.send("GET /slow " + OK + "\r\n");
      Exchange late = idle.readToEnd();
      go.countDown();
      Exchange inTime = slow.readUntilClosed();
      stop.join();

      assertThat(inTime.only().status()).isEqualTo(200);
      assertThat(inTime.closed()).isTrue();
      late.answers().forEach(answer -> assertThat(answer.status()).isIn(200, 503));
    }
  }

  private static Answer get(String headers) throws IOException {
    return RawHttp.exchange(server.port(), "GET /echo HTTP/1.1\r\n" + headers + "\r\n").only();
  }

  private static String body(String path) throws IOException {
    Answer answer = RawHttp.exchange(server.port(), "GET " + path + " " + OK + "\r\n").only();
    return new String(answer.body().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static void assertProblem(Answer answer, int status) {
    assertThat(answer.status()).as(answer.head()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.body())
        .contains("\"type\":", "\"title\":", "\"detail\":", "\"code\":", "\"retriable\":")
        .contains("\"status\":" + status)
        .doesNotContain("Exception", "helidon");
  }
}
