package io.ottla.demo;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Publishes batches one after the other and sends again what was not appended for certain. One
 * owner at a time.
 */
final class Producer {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long RETRY_NANOS = Duration.ofMillis(50).toNanos();

  private final Target target;
  private final Ledger ledger;
  private long longestNanos;
  private int attempts;
  private int placesPromisedTwice;

  Producer(Target target, Ledger ledger) {
    this.target = target;
    this.ledger = ledger;
  }

  /** Returns when all of them are committed. */
  void publish(List<Earthquake> batch) throws IOException, InterruptedException {
    long startedNanos = System.nanoTime();
    List<Earthquake> open = batch;
    while (!open.isEmpty()) {
      open = attempt(open);
      long elapsedNanos = System.nanoTime() - startedNanos;
      if (!open.isEmpty()) {
        if (elapsedNanos > PATIENCE.toNanos()) {
          throw new IOException(open.size() + " events are not committed after " + PATIENCE);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
    longestNanos = Math.max(longestNanos, System.nanoTime() - startedNanos);
  }

  /** How long the slowest batch took, with all its attempts. */
  Duration longest() {
    return Duration.ofNanos(longestNanos);
  }

  int attempts() {
    return attempts;
  }

  int placesPromisedTwice() {
    return placesPromisedTwice;
  }

  /** Sends once; returns what is to be sent again. */
  private List<Earthquake> attempt(List<Earthquake> batch)
      throws InterruptedException, IOException {
    attempts++;
    Api.Reply reply;
    try {
      reply = target.api().post("/events", request(batch));
    } catch (IOException e) {
      batch.forEach(ledger::inDoubt);
      return batch;
    }
    if (reply.status() != 201 && reply.status() != 207) {
      return again(batch, reply.body());
    }
    List<Earthquake> open = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      JsonNode answer = reply.body().path("events").path(i);
      if (answer.has("error")) {
        open.addAll(again(List.of(batch.get(i)), answer.path("error")));
      } else if (!ledger.acked(
          batch.get(i), answer.required("partition").asInt(), answer.required("offset").asLong())) {
        placesPromisedTwice++;
      }
    }
    return open;
  }

  private List<Earthquake> again(List<Earthquake> batch, JsonNode problem) throws IOException {
    if (!problem.path("retriable").asBoolean(false)) {
      throw new IOException("the server refused events for good: " + problem);
    }
    JsonNode appended = problem.path("appended");
    if (!appended.isBoolean() || appended.asBoolean()) {
      batch.forEach(ledger::inDoubt);
    }
    return batch;
  }

  private ObjectNode request(List<Earthquake> batch) {
    ObjectNode request = Api.object().put("topic", target.topic()).put("cluster", target.cluster());
    ArrayNode events = request.putArray("events");
    for (Earthquake earthquake : batch) {
      events.addObject().put("key", earthquake.key()).set("value", earthquake.value());
    }
    return request;
  }
}
