package io.ottla.demo;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A consumer made by the server: polls, goes on from the cursor of its last answer, commits. One
 * owner at a time.
 */
final class Consumer {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long RETRY_NANOS = Duration.ofMillis(50).toNanos();

  private final Target target;
  private final List<Delivery> deliveries = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();
  private final Map<Integer, Long> nextOffsets = new TreeMap<>();
  private long id = -1;
  private String group = "";
  private String cursor = "";
  private int polls;

  Consumer(Target target) {
    this.target = target;
  }

  /** Polls until {@code enough} says so, and fails if nothing comes for a long time. */
  void readUntil(BooleanSupplier enough) throws IOException, InterruptedException {
    long lastNanos = System.nanoTime();
    while (!enough.getAsBoolean()) {
      if (poll() > 0) {
        lastNanos = System.nanoTime();
      } else if (System.nanoTime() - lastNanos > PATIENCE.toNanos()) {
        throw new IOException("nothing more to read for " + PATIENCE);
      }
    }
  }

  private int poll() throws IOException, InterruptedException {
    String path = target.path("/events") + "&max_events=500&wait_ms=500&auto_commit=false";
    if (id >= 0) {
      path += "&consumer_id=" + id + "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8);
    }
    Api.Reply reply = target.api().get(path);
    polls++;
    if (reply.status() == 503) {
      LockSupport.parkNanos(RETRY_NANOS);
      return 0;
    }
    JsonNode answer = reply.expect(200);
    id = answer.required("consumer_id").asLong();
    group = answer.required("group").asString();
    cursor = answer.required("cursor").asString();
    JsonNode events = answer.required("events");
    for (JsonNode event : events) {
      take(Delivery.of(event));
    }
    return events.size();
  }

  private void take(Delivery delivery) {
    long expected = nextOffsets.getOrDefault(delivery.partition(), 0L);
    if (delivery.offset() != expected) {
      steps.add(
          "partition " + delivery.partition() + ": " + delivery.offset() + " after " + expected);
    }
    nextOffsets.put(delivery.partition(), delivery.offset() + 1);
    deliveries.add(delivery);
  }

  /** Commits all that was read, by the position that the server keeps. */
  JsonNode commit() throws IOException, InterruptedException {
    return commit(Api.object().put("consumer_id", id));
  }

  /** Commits all that was read, by the cursor: that needs nothing remembered by the server. */
  JsonNode commitByCursor() throws IOException, InterruptedException {
    return commit(Api.object().put("consumer_id", id).put("cursor", cursor));
  }

  private JsonNode commit(ObjectNode request) throws IOException, InterruptedException {
    long startedNanos = System.nanoTime();
    while (true) {
      Api.Reply reply = target.api().post("/offset", request);
      if (reply.status() != 503 || System.nanoTime() - startedNanos > PATIENCE.toNanos()) {
        return reply.expect(200).required("committed");
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  /** What the server says about how far this consumer has got, a row per partition. */
  JsonNode offsets() throws IOException, InterruptedException {
    return target.api().get("/offset?consumer_id=" + id).expect(200).required("partitions");
  }

  List<Delivery> deliveries() {
    return deliveries;
  }

  /** Where an offset was not the one after the last; empty if all is well. */
  List<String> steps() {
    return steps;
  }

  /** Per partition, the offset after the last one read. */
  Map<Integer, Long> nextOffsets() {
    return nextOffsets;
  }

  long id() {
    return id;
  }

  String group() {
    return group;
  }

  int polls() {
    return polls;
  }
}
