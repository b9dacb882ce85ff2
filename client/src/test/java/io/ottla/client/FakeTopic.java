package io.ottla.client;

import io.ottla.client.InMemoryServer.Received;
import io.ottla.client.InMemoryServer.Reply;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The consumer's side of a server: one topic of one partition, whose events are given as text, and
 * one consumer at a time. A cursor is the next offset. Thread-safe.
 */
final class FakeTopic {
  final List<String> events = new ArrayList<>();
  Long committed;
  private final InMemoryServer server;
  private long consumers;
  private long position;

  FakeTopic(InMemoryServer server) {
    this.server = server;
    server.script("POST /consumer", (request, number) -> create());
    server.script("GET /events", (request, number) -> poll(request));
    server.script("POST /offset", (request, number) -> commit(request));
    server.script("GET /offset", (request, number) -> progress());
    server.script("POST /consumer/1/seek", (request, number) -> seek(request));
    server.script("DELETE /consumer/1", (request, number) -> Reply.of(204, new byte[0]));
  }

  /** An event's members after the offset. */
  synchronized void add(String members) {
    events.add(members);
  }

  private synchronized Reply create() {
    position = committed == null ? 0 : committed;
    return Reply.of(201, Map.of("consumer_id", ++consumers, "assignment", List.of()));
  }

  synchronized Reply poll(Received request) {
    Map<String, String> query = query(request);
    int from = (int) (query.containsKey("cursor") ? Long.parseLong(query.get("cursor")) : position);
    int most = Integer.parseInt(query.get("max_events"));
    int to = Math.min(events.size(), from + most);
    position = to;
    StringBuilder answer = new StringBuilder("{\"consumer_id\":1,\"group\":\"g\",\"events\":[");
    for (int i = from; i < to; i++) {
      answer.append(i > from ? "," : "");
      answer.append("{\"topic\":\"t\",\"partition\":0,\"offset\":").append(i);
      answer.append(",\"timestamp\":7,").append(events.get(i)).append('}');
    }
    answer.append("],\"assignment\":[{\"topic\":\"t\",\"partition\":0}],\"skipped\":[{}]");
    answer.append(",\"cursor\":\"").append(to).append("\"}");
    return Reply.of(200, answer.toString().getBytes(StandardCharsets.UTF_8));
  }

  private synchronized Reply commit(Received request) {
    Object cursor = request.json().get("cursor");
    committed = cursor == null ? offset(request) : Long.valueOf((String) cursor);
    return Reply.of(200, Map.of());
  }

  private synchronized Reply seek(Received request) {
    Object to = request.json().get("to");
    position = to == null ? offset(request) : to.equals("latest") ? events.size() : 0;
    return Reply.of(200, Map.of());
  }

  private synchronized Reply progress() {
    Map<String, Object> row = new HashMap<>();
    row.put("topic", "t");
    row.put("partition", 0);
    row.put("position", position);
    row.put("committed", committed);
    return Reply.of(200, Map.of("partitions", List.of(row)));
  }

  private static long offset(Received request) {
    List<?> offsets = (List<?>) request.json().get("offsets");
    return (Long) ((Map<?, ?>) offsets.get(0)).get("offset");
  }

  static Map<String, String> query(Received request) {
    Map<String, String> query = new HashMap<>();
    if (!request.body().isEmpty()) {
      request.json().forEach((name, value) -> query.put(name, value.toString()));
      return query;
    }
    for (String parameter : request.target().getRawQuery().split("&", -1)) {
      String[] parts = parameter.split("=", 2);
      query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  InMemoryServer server() {
    return server;
  }
}
