package io.ottla.server;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Clients that produce as fast as they are answered until the server is gone or they are told to
 * stop. Nothing is sent twice, so nothing may be stored twice.
 */
final class Writers {
  private static final int WRITERS = 8;
  private static final int BATCH = 200;

  private final Api api;
  private final String topic;
  private final History history;
  private final AtomicLong counter;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  private Writers(Api api, String topic, History history, AtomicLong counter) {
    this.api = api;
    this.topic = topic;
    this.history = history;
    this.counter = counter;
  }

  /** So many clients that each send 7 events at a time and pause in between. */
  static Writers start(Api api, String topic, History history, AtomicLong counter, Pace pace) {
    Writers writers = new Writers(api, topic, history, counter);
    for (int i = 0; i < pace.writers(); i++) {
      writers.threads.add(Thread.ofVirtual().start(() -> writers.write(7, pace.pause())));
    }
    return writers;
  }

  /** How many clients, and how long each pauses between its requests. */
  record Pace(int writers, Duration pause) {}

  /** So many events, all of them acknowledged. */
  static void produce(Api api, String topic, History history, AtomicLong counter, int events)
      throws IOException, InterruptedException {
    Writers writers = new Writers(api, topic, history, counter);
    for (int left = events; left > 0; left -= BATCH) {
      List<String> values = writers.values(Math.min(left, BATCH));
      Api.Reply reply = api.post("/events", writers.request(values));
      reply.expect(201);
      writers.record(values, reply);
    }
  }

  /** Half of them send single events, half of them batches; {@code counter} numbers the values. */
  static Writers start(Api api, String topic, History history, AtomicLong counter) {
    Writers writers = new Writers(api, topic, history, counter);
    for (int i = 0; i < WRITERS; i++) {
      int events = i % 2 == 0 ? 1 : 7;
      writers.threads.add(Thread.ofVirtual().start(() -> writers.write(events, Duration.ZERO)));
    }
    return writers;
  }

  private void write(int events, Duration pause) {
    while (!stopping) {
      List<String> values = values(events);
      try {
        Api.Reply reply = api.post("/events", request(values));
        if (!record(values, reply)) {
          return;
        }
        if (!pause.isZero()) {
          LockSupport.parkNanos(pause.toNanos());
        }
      } catch (IOException | RuntimeException e) {
        values.forEach(history::unknown);
        return;
      } catch (InterruptedException e) {
        values.forEach(history::unknown);
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private List<String> values(int count) {
    return Stream.generate(() -> "value-" + counter.incrementAndGet()).limit(count).toList();
  }

  private ObjectNode request(List<String> values) {
    ObjectNode request = Api.object().put("topic", topic);
    ArrayNode events = request.putArray("events");
    for (String value : values) {
      events.addObject().put("key", value).put("value", value);
    }
    return request;
  }

  /** False if this writer has nothing more to do. */
  private boolean record(List<String> values, Api.Reply reply) {
    if (reply.status() == 201 || reply.status() == 207) {
      for (int i = 0; i < values.size(); i++) {
        JsonNode answer = reply.body().required("events").required(i);
        if (answer.has("error")) {
          refusedOrUnknown(values.get(i), answer.path("error"));
        } else {
          history.acked(
              values.get(i),
              answer.required("partition").asInt(),
              answer.required("offset").asLong());
        }
      }
      return true;
    }
    values.forEach(value -> refusedOrUnknown(value, reply.body()));
    return reply.body().path("retriable").asBoolean(false);
  }

  private void refusedOrUnknown(String value, JsonNode problem) {
    JsonNode appended = problem.path("appended");
    if (appended.isBoolean() && !appended.asBoolean()) {
      history.refused(value);
    } else {
      history.unknown(value);
    }
  }

  /** Returns when every request has ended. */
  void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
