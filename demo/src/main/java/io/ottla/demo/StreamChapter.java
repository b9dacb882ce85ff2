package io.ottla.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A stream of server-sent events that is cut, and goes on where it was. One owner. */
final class StreamChapter {
  private static final int CUTS = 3;

  private final SharedTopic topic;
  private final Report report;

  StreamChapter(SharedTopic topic, Report report) {
    this.topic = topic;
    this.report = report;
  }

  /** The earthquakes are published while nobody is connected. */
  void run(List<Earthquake> meanwhile) throws IOException, InterruptedException {
    report.chapter("A stream of server-sent events is cut, and goes on");
    EventSource source = new EventSource(topic.target());
    for (int cut = 1; cut <= CUTS; cut++) {
      int enough = cut * topic.published() / (CUTS + 1);
      source.readUntil(() -> source.deliveries().size() >= enough);
    }
    topic.publish(meanwhile);
    source.readUntil(() -> source.deliveries().size() >= topic.published());
    report.line(
        "%d events over %d connections, %d of them published while there was none"
            .formatted(source.deliveries().size(), CUTS + 1, meanwhile.size()));
    report.check(
        source.consumerIds().size() == 1,
        "the last event's id was enough to be the same consumer again",
        source.consumerIds());
    List<String> steps = steps(source.deliveries());
    report.check(
        steps.isEmpty() && source.deliveries().size() == topic.published(),
        "every event came once, each partition's in order",
        steps);
  }

  /** Where an offset is not the one after its partition's last. */
  private static List<String> steps(List<Delivery> deliveries) {
    List<String> steps = new ArrayList<>();
    Map<Integer, Long> nextOffsets = new HashMap<>();
    for (Delivery delivery : deliveries) {
      long expected = nextOffsets.getOrDefault(delivery.partition(), 0L);
      if (delivery.offset() != expected) {
        steps.add(
            "partition " + delivery.partition() + ": " + delivery.offset() + " after " + expected);
      }
      nextOffsets.put(delivery.partition(), delivery.offset() + 1);
    }
    return steps;
  }
}
