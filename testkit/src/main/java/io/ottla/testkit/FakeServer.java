package io.ottla.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;

/**
 * An HTTP server that answers what a test has told it to, and remembers what it was asked.
 * Thread-safe.
 */
public final class FakeServer implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, Deque<Answer>> answers = new HashMap<>();
  private final List<Received> received = new ArrayList<>();

  private FakeServer(HttpServer server) {
    this.server = server;
  }

  private record Answer(int status, UnaryOperator<String> body, Map<String, String> headers) {}

  /**
   * A request that came.
   *
   * @param request method, path and query as they came: {@code GET /topic?cluster=c1}
   * @param body as text, unzipped
   */
  public record Received(String request, String body) {}

  /** A server on a free port of the loopback interface. */
  public static FakeServer start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    FakeServer fake = new FakeServer(server);
    server.createContext("/", fake::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return fake;
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Answers that request so. Of several answers each is given once, and the last from then on. */
  public FakeServer answer(String request, int status, String body) {
    return answer(request, status, body, Map.of());
  }

  /** The same with headers. */
  public synchronized FakeServer answer(
      String request, int status, String body, Map<String, String> headers) {
    answers
        .computeIfAbsent(request, _ -> new ArrayDeque<>())
        .add(new Answer(status, _ -> body, headers));
    return this;
  }

  /** Answers that request with what is made of its body, always. */
  public synchronized FakeServer answer(
      String request, int status, UnaryOperator<String> answerToBody) {
    answers.put(request, new ArrayDeque<>(List.of(new Answer(status, answerToBody, Map.of()))));
    return this;
  }

  /** What came so far, in order. */
  public synchronized List<Received> received() {
    return List.copyOf(received);
  }

  /** The requests that came so far, without their bodies. */
  public List<String> requests() {
    return received().stream().map(Received::request).toList();
  }

  private synchronized Answer answerTo(Received request) {
    received.add(request);
    Deque<Answer> scripted = answers.get(request.request());
    if (scripted == null) {
      String problem =
          "{\"code\":\"unexpected\",\"detail\":\"unexpected: " + request.request() + "\"}";
      return new Answer(500, _ -> problem, Map.of());
    }
    return scripted.size() > 1 ? scripted.remove() : scripted.element();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      byte[] body = read(exchange.getRequestBody(), zipped);
      Received request =
          new Received(
              exchange.getRequestMethod() + " " + exchange.getRequestURI(),
              new String(body, StandardCharsets.UTF_8));
      Answer answer = answerTo(request);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] bytes = answer.body().apply(request.body()).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static byte[] read(InputStream in, boolean zipped) throws IOException {
    byte[] bytes = in.readAllBytes();
    if (!zipped) {
      return bytes;
    }
    try (InputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return unzipped.readAllBytes();
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
