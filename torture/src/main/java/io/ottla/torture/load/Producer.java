package io.ottla.torture.load;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.history.History;
import io.ottla.torture.history.Place;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client that publishes in every way: single events, batches, batches under a sequence that are
 * sent again until they are answered, uploads of lines. Nothing else is sent twice. Now and then it
 * reads back what was just acked. One owner, the thread that runs it.
 */
final class Producer implements Runnable {
  private static final int MAX_BATCH = 200;
  private static final int MAX_LINES = 600;
  private static final int READ_BACK_ONE_IN = 12;

  private final Site site;
  private final History history;
  private final SplittableRandom random;
  private final int process;
  private OptionalLong producerId = OptionalLong.empty();
  private long sequence;

  Producer(Site site, SplittableRandom random) {
    this.site = site;
    this.history = site.history();
    this.random = random;
    this.process = history.newProcess();
  }

  @Override
  public void run() {
    try {
      while (!site.hasEnded()) {
        step();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step() throws InterruptedException {
    if (site.hasEnough()) {
      Site.pause();
    }
    int chance = random.nextInt(100);
    if (chance < 25) {
      single();
    } else if (chance < 65) {
      batch();
    } else if (chance < 90) {
      sequence();
    } else {
      upload();
    }
  }

  private List<Long> events(int count) {
    List<Long> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(history.newEvent(process));
    }
    return ids;
  }

  private void single() throws InterruptedException {
    String topic = site.anyTopic(random);
    List<Long> ids = events(1);
    ObjectNode request = history.event(ids.getFirst()).put("topic", topic);
    try {
      Api.Reply reply = site.api().post("/events", request);
      Outcome outcome = Outcome.of(reply, history.findings());
      if (outcome == Outcome.OK) {
        acked(ids.getFirst(), topic, reply.body());
        readBack(new Place(topic, reply.body().path("partition").asInt()), reply.body());
      } else {
        record(ids, outcome, false);
        Site.pause();
      }
    } catch (IOException e) {
      record(ids, outcome(e), false);
      Site.pause();
    }
  }

  private void batch() throws InterruptedException {
    String topic = site.anyTopic(random);
    List<Long> ids = events(2 + random.nextInt(MAX_BATCH));
    sendBatch(request(topic, ids), topic, ids, false);
  }

  /**
   * Sends a batch once.
   *
   * @param again whether it was sent before, so that a failure says nothing about the first time
   * @return whether every event is known to be there, or will never be
   */
  private boolean sendBatch(ObjectNode request, String topic, List<Long> ids, boolean again)
      throws InterruptedException {
    try {
      Api.Reply reply = site.api().post("/events", request);
      if (reply.status() == 201 || reply.status() == 207) {
        return answered(topic, ids, reply, again);
      }
      Outcome outcome = Outcome.of(reply, history.findings());
      record(ids, outcome, again);
      Site.pause();
      return isFinal(reply);
    } catch (IOException e) {
      record(ids, outcome(e), again);
      Site.pause();
      return false;
    }
  }

  /** A refusal that does not pass: none of our requests deserves one, and none is forgotten. */
  private boolean isFinal(Api.Reply reply) {
    boolean final4xx =
        reply.status() / 100 == 4 && !reply.body().path("retriable").asBoolean(false);
    if (final4xx) {
      unexpected(reply);
      producerId = OptionalLong.empty();
    }
    return final4xx;
  }

  private boolean answered(String topic, List<Long> ids, Api.Reply reply, boolean again)
      throws InterruptedException {
    JsonNode answers = reply.body().path("events");
    if (answers.size() != ids.size()) {
      unexpected(reply);
      return true;
    }
    boolean all = true;
    for (int i = 0; i < ids.size(); i++) {
      JsonNode answer = answers.path(i);
      if (answer.has("error")) {
        all = false;
        Outcome outcome = Outcome.of(answer.path("error"), reply.status(), history.findings());
        record(List.of(ids.get(i)), outcome, again);
      } else {
        acked(ids.get(i), topic, answer);
      }
    }
    JsonNode last = answers.path(ids.size() - 1);
    if (!last.has("error")) {
      readBack(new Place(topic, last.path("partition").asInt()), last);
    }
    return all;
  }

  /** Until it is answered, whatever happens in between: it must be there exactly once. */
  private void sequence() throws InterruptedException {
    if (producerId.isEmpty() && !register()) {
      return;
    }
    String topic = site.anyTopic(random);
    List<Long> ids = events(1 + random.nextInt(MAX_BATCH / 2));
    ObjectNode request =
        request(topic, ids).put("producer_id", producerId.getAsLong()).put("sequence", sequence++);
    boolean done = sendBatch(request, topic, ids, false);
    while (!done && !site.hasEnded()) {
      done = sendBatch(request, topic, ids, true);
    }
    if (done && random.nextInt(10) == 0) {
      sendBatch(request, topic, ids, true);
    }
  }

  private boolean register() throws InterruptedException {
    try {
      ObjectNode request = Api.object().put("name", "torture-" + process);
      Api.Reply reply = site.api().post("/producer", request.put("cluster", Workload.CLUSTER));
      if (reply.status() == 201) {
        producerId = OptionalLong.of(reply.body().required("producer_id").asLong());
        return true;
      }
      if (reply.status() / 100 == 4) {
        unexpected(reply);
      }
    } catch (IOException e) {
      // The server is gone: later.
    }
    Site.pause();
    return false;
  }

  /** All lines go to one partition, so that its answer says where each of them is. */
  private void upload() throws InterruptedException {
    Place place = site.anyPlace(random);
    List<Long> ids = events(1 + random.nextInt(MAX_LINES));
    StringBuilder body = new StringBuilder();
    for (long id : ids) {
      body.append(history.event(id).put("partition", place.partition())).append('\n');
    }
    try {
      Api.Reply reply =
          site.api()
              .post(
                  "/events?topic=" + place.topic(),
                  "application/x-ndjson",
                  body.toString().getBytes(StandardCharsets.UTF_8));
      uploaded(place, ids, reply);
    } catch (IOException e) {
      record(ids, outcome(e), false);
      Site.pause();
    }
  }

  private void uploaded(Place place, List<Long> ids, Api.Reply reply) {
    Outcome outcome = Outcome.of(reply, history.findings());
    JsonNode extent = reply.body().path("partitions").path(Integer.toString(place.partition()));
    int count = extent.path("count").asInt(0);
    long first = extent.path("first").asLong(-1);
    boolean together = extent.path("last").asLong() - first + 1 == count;
    if (count > ids.size() || (outcome == Outcome.OK && count != ids.size())) {
      unexpected(reply);
      return;
    }
    for (int i = 0; i < count; i++) {
      history.acked(ids.get(i), place, together ? first + i : -1);
    }
    if (outcome != Outcome.OK) {
      record(ids.subList(count, ids.size()), outcome, false);
      Site.pause();
    }
  }

  private static ObjectNode request(String topic, History history, List<Long> ids) {
    ObjectNode request = Api.object().put("topic", topic);
    ArrayNode events = request.putArray("events");
    ids.forEach(id -> events.add(history.event(id)));
    return request;
  }

  private ObjectNode request(String topic, List<Long> ids) {
    return request(topic, history, ids);
  }

  private void acked(long id, String topic, JsonNode answer) {
    Place place = new Place(topic, answer.path("partition").asInt(-1));
    history.acked(id, place, answer.path("offset").asLong(-1));
  }

  private void record(List<Long> ids, Outcome outcome, boolean again) {
    if (outcome == Outcome.FAIL && !again) {
      ids.forEach(history::failed);
    }
  }

  /** A connection that was refused carried nothing. */
  private static Outcome outcome(IOException e) {
    return e instanceof ConnectException || e instanceof HttpConnectTimeoutException
        ? Outcome.FAIL
        : Outcome.UNKNOWN;
  }

  /** A read that begins after the acknowledgement sees the event, unless nobody leads. */
  private void readBack(Place place, JsonNode acked) throws InterruptedException {
    if (random.nextInt(READ_BACK_ONE_IN) != 0) {
      return;
    }
    long offset = acked.path("offset").asLong(-1);
    try {
      Api.Reply reply = site.api().get(PartitionReads.path(place, offset, 1));
      if (reply.status() == 200 && reply.body().path("leader").asBoolean(true)) {
        JsonNode events = reply.body().path("events");
        if (events.isEmpty()) {
          history
              .findings()
              .add(Anomaly.STALE_READ, place + ":" + offset + " was acked, then: " + reply.body());
        }
        events.forEach(event -> history.read(place, event, false));
      }
    } catch (IOException e) {
      // The server is gone: nothing was read.
    }
  }

  private void unexpected(Api.Reply reply) {
    history.findings().add(Anomaly.UNEXPECTED_ANSWER, reply.toString());
  }
}
