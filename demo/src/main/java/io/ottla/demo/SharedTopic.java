package io.ottla.demo;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A topic whose partitions hold the same number of events each, so that it can be shared out
 * evenly. One owner at a time.
 */
final class SharedTopic {
  static final int PARTITIONS = 6;

  private final Target target;
  private int published;

  private SharedTopic(Target target) {
    this.target = target;
  }

  static SharedTopic create(Api api, String cluster) throws IOException, InterruptedException {
    Target target = new Target(api, cluster, "shared");
    api.post(
            "/topic",
            Api.object()
                .put("name", target.topic())
                .put("cluster", cluster)
                .put("partitions", PARTITIONS))
        .expect(201);
    return new SharedTopic(target);
  }

  /** Publishes them, one partition after the other in turn. */
  void publish(List<Earthquake> earthquakes) throws IOException, InterruptedException {
    ObjectNode request = Api.object().put("topic", target.topic()).put("cluster", target.cluster());
    ArrayNode events = request.putArray("events");
    for (Earthquake earthquake : earthquakes) {
      events
          .addObject()
          .put("key", earthquake.key())
          .put("partition", published % PARTITIONS)
          .set("value", earthquake.value());
      published++;
    }
    target.api().post("/events", request).expect(201);
  }

  Target target() {
    return target;
  }

  /** How many events it holds. */
  int published() {
    return published;
  }
}
