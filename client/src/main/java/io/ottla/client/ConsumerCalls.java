package io.ottla.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A consumer's requests, one at a time, nothing repeated. One owner at a time, whom any thread may
 * wake up.
 */
final class ConsumerCalls implements AutoCloseable {
  private final ConsumerConfig config;
  private final Transport transport;
  private CompletableFuture<Response> underWay;
  private CompletableFuture<Void> woken = new CompletableFuture<>();

  ConsumerCalls(ConsumerConfig config) {
    this.config = config;
    this.transport = new Transport(config.url());
  }

  /** How far a consumer is in a partition; null where it is not known. */
  record Progress(Long position, Long committed) {}

  /** A new consumer of those topics; its number. */
  long create(Collection<String> topics) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("topics", List.copyOf(topics));
    putUnlessNull(body, "cluster", config.cluster());
    putUnlessNull(body, "group", config.group());
    body.put("from", config.autoOffsetReset());
    body.put("session_timeout_ms", config.sessionTimeout().toMillis());
    body.put("auto_commit", config.autoCommit());
    Object id = send(Request.post("consumer").json(body)).json().get("consumer_id");
    if (id instanceof Long number) {
      return number;
    }
    throw OttlaException.noAnswer("bad_answer", "The answer has no consumer_id.", null);
  }

  private static void putUnlessNull(Map<String, Object> body, String name, Object value) {
    if (value != null) {
      body.put(name, value);
    }
  }

  /**
   * What comes after the cursor, or after the position that the server remembers, which it moves.
   * The latter travels with a body: such a request is never sent again behind our back.
   */
  PollAnswer poll(long consumerId, String cursor, Duration wait) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("consumer_id", consumerId);
    putUnlessNull(fields, "cursor", cursor);
    fields.put("wait_ms", wait.toMillis());
    fields.put("max_events", config.maxPollRecords());
    fields.put("max_bytes", config.fetchMaxBytes());
    fields.put("auto_commit", config.autoCommit());
    fields.put("auto_commit_interval_ms", config.autoCommitInterval().toMillis());
    Request request = Request.get("events");
    if (cursor == null) {
      request.json(fields);
    } else {
      fields.forEach(request::query);
    }
    request.header("Accept", "application/json").timeout(config.requestTimeout().plus(wait));
    return PollAnswer.read(exchange(request).orThrow().body());
  }

  void commit(long consumerId, String cursor) {
    send(Request.post("offset").json(Map.of("consumer_id", consumerId, "cursor", cursor)));
  }

  void commit(long consumerId, Map<TopicPartition, Long> offsets) {
    send(
        Request.post("offset").json(Map.of("consumer_id", consumerId, "offsets", listed(offsets))));
  }

  void seek(long consumerId, Map<TopicPartition, Long> offsets) {
    send(seek(consumerId).json(Map.of("offsets", listed(offsets))));
  }

  /** Moves to a time, or to an end. */
  void seek(long consumerId, String to) {
    send(seek(consumerId).json(Map.of("to", to)));
  }

  private static Request seek(long consumerId) {
    return Request.post("consumer", Long.toString(consumerId), "seek");
  }

  private static List<Object> listed(Map<TopicPartition, Long> offsets) {
    List<Object> list = new ArrayList<>();
    offsets.forEach(
        (partition, offset) ->
            list.add(
                Map.of(
                    "topic", partition.topic(),
                    "partition", partition.partition(),
                    "offset", offset)));
    return list;
  }

  /** How far the consumer is in its partitions. */
  Map<TopicPartition, Progress> progress(long consumerId) {
    Map<TopicPartition, Progress> progress = new LinkedHashMap<>();
    Map<String, Object> answer =
        send(Request.get("offset").query("consumer_id", consumerId)).json();
    if (answer.get("partitions") instanceof List<?> rows) {
      for (Object row : rows) {
        Map<?, ?> one = (Map<?, ?>) row;
        for (TopicPartition partition : PollAnswer.partitions(List.of(one))) {
          progress.put(
              partition, new Progress((Long) one.get("position"), (Long) one.get("committed")));
        }
      }
    }
    return progress;
  }

  void heartbeat(long consumerId) {
    send(Request.post("consumer", Long.toString(consumerId), "heartbeat"));
  }

  /** Leaves the group at once; the consumer is gone. */
  void leave(long consumerId) {
    send(Request.delete("consumer", Long.toString(consumerId)));
  }

  private Response send(Request request) {
    return exchange(request.timeout(config.requestTimeout())).orThrow();
  }

  private Response exchange(Request request) {
    CompletableFuture<Response> answer;
    synchronized (this) {
      throwIfWoken();
      answer = transport.sendAsync(request);
      underWay = answer;
    }
    try {
      return transport.await(answer, request.timeout());
    } catch (OttlaException e) {
      throwIfWoken();
      throw e;
    } finally {
      synchronized (this) {
        underWay = null;
      }
    }
  }

  /** Ends what is under way, or what comes next. Thread-safe. */
  void wakeup() {
    CompletableFuture<Response> ended;
    synchronized (this) {
      woken.complete(null);
      ended = underWay;
    }
    if (ended != null) {
      ended.cancel(true);
    }
  }

  /** Forgets a wakeup that nobody has met. */
  synchronized void forgetWakeup() {
    if (woken.isDone()) {
      woken = new CompletableFuture<>();
    }
  }

  /** Fails, once, if there was a wakeup. */
  private synchronized void throwIfWoken() {
    if (woken.isDone()) {
      woken = new CompletableFuture<>();
      throw OttlaException.of("wakeup", "The consumer was woken up.");
    }
  }

  /** Waits; a wakeup or an interrupt ends that. */
  void pause(long nanos) {
    CompletableFuture<Void> wakeup;
    synchronized (this) {
      wakeup = woken;
    }
    try {
      wakeup.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw OttlaException.noAnswer("interrupted", "Interrupted before another attempt.", e);
    }
    throwIfWoken();
  }

  @Override
  public void close() {
    transport.close();
  }
}
