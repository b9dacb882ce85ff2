package io.ottla.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;

/**
 * A server that does what a test tells it. Left alone it appends events to a log in memory, once
 * per producer, sequence and partition, and answers as the contract says. Thread-safe.
 */
final class InMemoryServer implements AutoCloseable {
  final Map<String, Integer> topics = new ConcurrentHashMap<>();
  final List<Received> received = new CopyOnWriteArrayList<>();
  private final HttpServer http;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  private final AtomicLong lastProducer = new AtomicLong();
  private final Map<Integer, List<Map<String, Object>>> log = new TreeMap<>();
  private final Map<String, Appended> remembered = new HashMap<>();

  InMemoryServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  /** A request; its body as it came, a character per byte, and as text. */
  record Received(String method, URI target, boolean gzip, String raw, String body) {
    @SuppressWarnings("unchecked")
    Map<String, Object> json() {
      return (Map<String, Object>) Json.read(body.getBytes(StandardCharsets.UTF_8));
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> events() {
      return (List<Map<String, Object>>) json().get("events");
    }

    String endpoint() {
      return method + " " + target.getPath();
    }
  }

  private record Appended(long first, List<Map<String, Object>> events) {}

  /** What to answer; a status of 0 cuts the connection. */
  record Reply(int status, Map<String, String> headers, Object json) {
    static Reply of(int status, Object json) {
      return new Reply(status, Map.of(), json);
    }

    static Reply cut() {
      return of(0, null);
    }

    static Reply problem(int status, String code, Boolean retriable, Object appended) {
      return of(status, error(code, retriable, appended));
    }
  }

  static Map<String, Object> error(String code, Boolean retriable, Object appended) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", code);
    error.put("detail", "It is " + code + ".");
    error.put("retriable", retriable);
    if (appended != null) {
      error.put("appended", appended);
    }
    return error;
  }

  /** Answers the requests to an endpoint. */
  interface Script {
    /** The number counts those of the endpoint, from 1. */
    Reply answer(Received request, int number) throws Exception;
  }

  /** Says how an endpoint such as {@code POST /events} is answered. */
  void script(String endpoint, Script script) {
    scripts.put(endpoint, script);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  List<Received> received(String endpoint) {
    return received.stream().filter(request -> request.endpoint().equals(endpoint)).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] raw = exchange.getRequestBody().readAllBytes();
      boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      byte[] body = gzip ? new GZIPInputStream(new ByteArrayInputStream(raw)).readAllBytes() : raw;
      Received request =
          new Received(
              exchange.getRequestMethod(),
              exchange.getRequestURI(),
              gzip,
              new String(raw, StandardCharsets.ISO_8859_1),
              new String(body, StandardCharsets.UTF_8));
      int number;
      synchronized (received) {
        received.add(request);
        number = received(request.endpoint()).size();
      }
      reply(exchange, answer(request, number));
    }
  }

  private Reply answer(Received request, int number) throws IOException {
    try {
      Script script = scripts.get(request.endpoint());
      if (script != null) {
        return script.answer(request, number);
      }
      if (request.endpoint().equals("POST /events")) {
        return append(request);
      }
      if (request.endpoint().equals("POST /producer")) {
        return register();
      }
      return describe(request);
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  Reply register() {
    return Reply.of(201, Map.of("producer_id", lastProducer.incrementAndGet(), "name", "test"));
  }

  private Reply describe(Received request) {
    String topic = request.target().getPath().substring("/topic/".length());
    Integer partitions = topics.get(topic);
    if (partitions == null) {
      return Reply.problem(404, "topic_not_found", false, null);
    }
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      list.add(Map.of("partition", i));
    }
    return Reply.of(200, Map.of("name", topic, "cluster", "c1", "partitions", list));
  }

  /** Appends what is new of a request, and answers. */
  Reply append(Received request) {
    Map<String, Object> results = new LinkedHashMap<>();
    shares(request).forEach((partition, events) -> append(request, partition, results));
    return Reply.of(201, Map.of("committed", true, "partitions", results));
  }

  /** Appends one partition's share of a request, if it is new, and adds the result to others. */
  synchronized void append(Received request, int partition, Map<String, Object> results) {
    List<Map<String, Object>> events = shares(request).get(partition);
    Object producer = request.json().get("producer_id");
    String name = producer + "/" + request.json().get("sequence") + "/" + partition;
    Appended before = producer == null ? null : remembered.get(name);
    if (before == null) {
      List<Map<String, Object>> all = log.computeIfAbsent(partition, p -> new ArrayList<>());
      before = new Appended(all.size(), events);
      all.addAll(events);
      remembered.put(name, before);
    } else if (!before.events().equals(events)) {
      results.put("" + partition, Map.of("error", error("sequence_reused", false, false)));
      return;
    }
    long first = before.first();
    results.put(
        "" + partition,
        Map.of("first", first, "last", first + events.size() - 1, "count", events.size()));
  }

  static Map<Integer, List<Map<String, Object>>> shares(Received request) {
    Map<Integer, List<Map<String, Object>>> shares = new TreeMap<>();
    for (Map<String, Object> event : request.events()) {
      int partition = ((Long) event.get("partition")).intValue();
      shares.computeIfAbsent(partition, p -> new ArrayList<>()).add(event);
    }
    return shares;
  }

  /** The keys or values that a partition holds. */
  synchronized List<Object> log(int partition, String member) {
    return log.getOrDefault(partition, List.of()).stream().map(e -> e.get(member)).toList();
  }

  private static void reply(HttpExchange exchange, Reply reply) throws IOException {
    if (reply.status() == 0) {
      return;
    }
    byte[] body = reply.json() instanceof byte[] bytes ? bytes : Json.write(reply.json());
    reply.headers().forEach(exchange.getResponseHeaders()::add);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
