package io.ottla.demo;

import io.ottla.testkit.Api;
import io.ottla.testkit.CuttingProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A producer whose answer is lost on the way sends the same again, and nothing is doubled. */
final class RetryChapter {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int PARTITIONS = 3;

  private final Target target;
  private final Report report;

  RetryChapter(Api api, String cluster, Report report) {
    this.target = new Target(api, cluster, "retried");
    this.report = report;
  }

  void run(List<Earthquake> batch) throws IOException, InterruptedException {
    report.chapter("An answer is lost, and the batch is sent again");
    createTopic();
    ObjectNode registration =
        Api.object().put("name", "seismograph").put("cluster", target.cluster());
    JsonNode producer = target.api().post("/producer", registration).expect(201);
    ObjectNode request = request(batch, producer.required("producer_id").asLong());
    String lost = loseTheAnswer(request);
    long events = TopicState.read(target).events();
    report.line("producer %s, sequence 0: %s".formatted(producer.path("producer_id"), lost));
    report.line("the topic has %d events; the producer cannot know".formatted(events));
    JsonNode first = target.api().post("/events", request).expect(201);
    JsonNode second = target.api().post("/events", request).expect(201);
    report.check(
        first.path("events").size() == batch.size() && second.equals(first),
        "sent again, it gets the same offsets each time",
        second);
    report.check(
        TopicState.read(target).events() == batch.size(),
        "each event is there once: " + batch.size(),
        TopicState.read(target).events());
  }

  private void createTopic() throws IOException, InterruptedException {
    target
        .api()
        .post(
            "/topic",
            Api.object()
                .put("name", target.topic())
                .put("cluster", target.cluster())
                .put("partitions", PARTITIONS))
        .expect(201);
  }

  private ObjectNode request(List<Earthquake> batch, long producerId) {
    ObjectNode request =
        Api.object()
            .put("topic", target.topic())
            .put("cluster", target.cluster())
            .put("producer_id", producerId)
            .put("sequence", 0);
    ArrayNode events = request.putArray("events");
    for (Earthquake earthquake : batch) {
      events.addObject().put("key", earthquake.key()).set("value", earthquake.value());
    }
    return request;
  }

  /** Sends it through a network that breaks in the first line of the answer; what came of it. */
  private String loseTheAnswer(ObjectNode request) throws IOException, InterruptedException {
    try (CuttingProxy network =
            CuttingProxy.open(target.api().url(), new BreaksAfter("HTTP/1.1 ".length()));
        Api api = new Api(network.url(), TIMEOUT)) {
      return "answered with " + api.post("/events", request).status();
    } catch (IOException e) {
      return "no answer";
    }
  }

  /** Lets requests through, and so many bytes of their answers. */
  private record BreaksAfter(long answerBytes) implements CuttingProxy.Cuts {
    @Override
    public long requestBytes() {
      return NEVER;
    }

    @Override
    public boolean abrupt() {
      return true;
    }
  }
}
