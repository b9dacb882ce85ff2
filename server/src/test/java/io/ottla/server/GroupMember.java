package io.ottla.server;

import io.ottla.server.GroupHistory.By;
import io.ottla.server.GroupHistory.Commit;
import io.ottla.server.GroupHistory.Delivered;
import io.ottla.server.GroupHistory.Outcome;
import io.ottla.server.GroupHistory.Owned;
import io.ottla.server.GroupHistory.Span;
import io.ottla.testkit.Api;
import io.ottla.testkit.LineStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One consumer of a group as a plain client: it remembers its id and its last cursor, and a {@link
 * GroupHistory} what it was told. One owner at a time.
 */
final class GroupMember {
  private final long id;
  private final String topic;
  private final GroupHistory history;
  private int lastAnswer;
  private Optional<String> cursor = Optional.empty();
  private Owned owned;

  /** Per partition the next offset after what it was given. */
  private final Map<Integer, Long> given = new TreeMap<>();

  private GroupMember(long id, String topic, GroupHistory history, int joined, Owned owned) {
    this.id = id;
    this.topic = topic;
    this.history = history;
    this.lastAnswer = joined;
    this.owned = owned;
  }

  /** How a member joins. */
  record Joining(String topic, String group, Duration sessionTimeout, boolean autoCommit) {
    ObjectNode body() {
      ObjectNode body = Api.object().put("group", group).put("auto_commit", autoCommit);
      body.putArray("topics").add(topic);
      return body.put("session_timeout_ms", sessionTimeout.toMillis());
    }
  }

  /** Makes a consumer; an answer other than 201 is an exception. */
  static GroupMember join(Api api, Joining joining, GroupHistory history)
      throws IOException, InterruptedException {
    long sentAt = System.nanoTime();
    JsonNode answer = api.post("/consumer", joining.body()).expect(201);
    Span time = new Span(sentAt, System.nanoTime());
    long id = answer.required("consumer_id").asLong();
    Owned owned = owned(answer);
    int number = history.answered(id, time, GroupHistory.NO_CURSOR, Optional.of(owned), List.of());
    return new GroupMember(id, joining.topic(), history, number, owned);
  }

  long id() {
    return id;
  }

  /** As its last answer said. */
  Owned owned() {
    return owned;
  }

  boolean hasCursor() {
    return cursor.isPresent();
  }

  /** Per partition the next offset after what it was given last. */
  Map<Integer, Long> given() {
    return given;
  }

  /** Polls on from where the coordinator thinks that it is. */
  Api.Reply poll(Api api, String limits) throws IOException, InterruptedException {
    return poll(api, GroupHistory.NO_CURSOR, "&" + limits);
  }

  /** Polls on from its last answer's cursor. */
  Api.Reply pollFromCursor(Api api, String limits) throws IOException, InterruptedException {
    return poll(api, lastAnswer, "&cursor=" + cursor.orElseThrow() + "&" + limits);
  }

  private Api.Reply poll(Api api, int base, String query) throws IOException, InterruptedException {
    long sentAt = System.nanoTime();
    Optional<Api.Reply> reply = Optional.empty();
    try {
      reply = Optional.of(api.get("/events?consumer_id=" + id + query));
    } finally {
      Span time = new Span(sentAt, System.nanoTime());
      if (reply.filter(answer -> answer.status() == 200).isPresent()) {
        answered(time, base, reply.get().body());
      } else {
        history.unanswered(id, time);
      }
    }
    return reply.get();
  }

  private void answered(Span time, int base, JsonNode answer) {
    List<Delivered> events = new ArrayList<>();
    answer.required("events").forEach(event -> events.add(delivered(event)));
    owned = owned(answer);
    lastAnswer = history.answered(id, time, base, Optional.of(owned), events);
    cursor = Optional.of(answer.required("cursor").asString());
    given.keySet().removeIf(partition -> !owned.has(partition));
    events.forEach(event -> given.put(event.partition(), event.offset() + 1));
  }

  /**
   * Follows a stream for a while and cuts it. Only what came before a cursor counts as delivered;
   * what came after it comes again.
   */
  void follow(Api api, Duration time) throws IOException {
    long sentAt = System.nanoTime();
    String query = "&follow=true&cursors=true" + cursor.map(text -> "&cursor=" + text).orElse("");
    String path = "/events?topic=" + topic + "&consumer_id=" + id + query;
    try (LineStream lines =
        LineStream.open(api.url(), path, Map.of("Accept", "application/x-ndjson"))) {
      if (lines.status() == 200) {
        readUntil(lines, sentAt, sentAt + time.toNanos());
      }
    } finally {
      history.unanswered(id, new Span(sentAt, System.nanoTime()));
    }
  }

  private void readUntil(LineStream lines, long sentAt, long deadline) throws IOException {
    List<Delivered> events = new ArrayList<>();
    int base = cursor.isPresent() ? lastAnswer : GroupHistory.NO_CURSOR;
    while (true) {
      long left = deadline - System.nanoTime();
      Optional<String> line = left <= 0 ? Optional.empty() : readLine(lines, left);
      if (line.isEmpty()) {
        return;
      }
      JsonNode json = Api.parse(line.get());
      if (json.has("cursor")) {
        Span time = new Span(sentAt, System.nanoTime());
        lastAnswer = history.answered(id, time, base, Optional.empty(), events);
        base = lastAnswer;
        cursor = Optional.of(json.required("cursor").asString());
        events.forEach(event -> given.put(event.partition(), event.offset() + 1));
        events.clear();
      } else {
        events.add(delivered(json));
      }
    }
  }

  /** Empty at the end and when the time is over. */
  private static Optional<String> readLine(LineStream lines, long nanos) throws IOException {
    try {
      return lines.readLine(Duration.ofNanos(nanos));
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
  }

  /** Commits what the coordinator thinks that it was given. */
  Api.Reply commitPosition(Api api) throws IOException, InterruptedException {
    return commit(api, By.POSITION, lastAnswer, Map.of(), body());
  }

  Api.Reply commitCursor(Api api) throws IOException, InterruptedException {
    return commit(api, By.CURSOR, lastAnswer, Map.of(), body().put("cursor", cursor.orElseThrow()));
  }

  Api.Reply commitOffsets(Api api, Map<Integer, Long> offsets)
      throws IOException, InterruptedException {
    ObjectNode body = body();
    ArrayNode array = body.putArray("offsets");
    offsets.forEach(
        (partition, offset) ->
            array
                .addObject()
                .put("topic", topic)
                .put("partition", partition)
                .put("offset", offset));
    return commit(api, By.OFFSETS, GroupHistory.NO_CURSOR, Map.copyOf(offsets), body);
  }

  private ObjectNode body() {
    return Api.object().put("consumer_id", id);
  }

  private Api.Reply commit(Api api, By by, int base, Map<Integer, Long> asked, ObjectNode body)
      throws IOException, InterruptedException {
    long sentAt = System.nanoTime();
    Optional<Api.Reply> reply = Optional.empty();
    try {
      reply = Optional.of(api.post("/offset", body));
    } finally {
      Span time = new Span(sentAt, System.nanoTime());
      Outcome outcome = reply.map(answer -> outcome(answer.status())).orElse(Outcome.UNKNOWN);
      Map<Integer, Long> committed =
          outcome == Outcome.ACKED
              ? offsets(reply.get().body().required("committed"), "offset")
              : Map.of();
      history.committed(new Commit(id, time, by, base, asked, outcome), committed);
    }
    return reply.get();
  }

  private static Outcome outcome(int status) {
    return switch (status / 100) {
      case 2 -> Outcome.ACKED;
      case 4 -> Outcome.FAILED;
      default -> Outcome.UNKNOWN;
    };
  }

  Api.Reply heartbeat(Api api) throws IOException, InterruptedException {
    return api.post("/consumer/" + id + "/heartbeat", Api.object());
  }

  Api.Reply leave(Api api) throws IOException, InterruptedException {
    return api.delete("/consumer/" + id);
  }

  /** Asks where a group is committed, and writes it down. */
  static Map<Integer, Long> look(Api api, String group, String topic, GroupHistory history)
      throws IOException, InterruptedException {
    long sentAt = System.nanoTime();
    JsonNode answer = api.get("/offset?group=" + group + "&topic=" + topic).expect(200);
    Map<Integer, Long> committed = offsets(answer.required("partitions"), "committed");
    history.looked(new Span(sentAt, System.nanoTime()), committed);
    return committed;
  }

  /** Per partition the number in that field; partitions without one are left out. */
  static Map<Integer, Long> offsets(JsonNode rows, String field) {
    Map<Integer, Long> offsets = new TreeMap<>();
    for (JsonNode row : rows) {
      if (row.path(field).isNumber()) {
        offsets.put(row.required("partition").asInt(), row.required(field).asLong());
      }
    }
    return offsets;
  }

  private static Delivered delivered(JsonNode event) {
    return new Delivered(
        event.required("partition").asInt(),
        event.required("offset").asLong(),
        event.required("value").asString());
  }

  private static Owned owned(JsonNode answer) {
    return new Owned(
        answer.required("generation").asInt(),
        partitions(answer.required("assignment")),
        partitions(answer.path("revoking")));
  }

  private static Set<Integer> partitions(JsonNode rows) {
    Set<Integer> partitions = new TreeSet<>();
    rows.forEach(row -> partitions.add(row.required("partition").asInt()));
    return partitions;
  }
}
