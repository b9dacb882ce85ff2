package io.ottla.benchmarks;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The topic that a scenario writes to, and what the server says it holds. Immutable. */
record BenchedTopic(Api api, String cluster, String name) {
  static BenchedTopic create(Api api, String cluster, String name, int partitions)
      throws IOException, InterruptedException {
    api.post(
            "/topic",
            Api.object().put("name", name).put("cluster", cluster).put("partitions", partitions))
        .expect(201);
    return new BenchedTopic(api, cluster, name);
  }

  /** One per partition. */
  long[] endOffsets() throws IOException, InterruptedException {
    JsonNode rows = describe().path("partitions");
    long[] endOffsets = new long[rows.size()];
    for (JsonNode row : rows) {
      endOffsets[row.path("partition").asInt()] = row.path("end_offset").asLong();
    }
    return endOffsets;
  }

  private JsonNode describe() throws IOException, InterruptedException {
    return api.get("/topic/" + name + "?cluster=" + cluster).expect(200);
  }

  private long storedEvents() throws IOException, InterruptedException {
    JsonNode topic = describe();
    long events = 0;
    for (JsonNode partition : topic.path("partitions")) {
      events += partition.path("end_offset").asLong() - partition.path("start_offset").asLong();
    }
    return events;
  }

  /**
   * What is wrong with the counts, or an empty text: everything acknowledged must be stored, and
   * nothing else but what was answered with an error.
   */
  String complaint(LoadResult result, int eventsPerRequest)
      throws IOException, InterruptedException {
    long stored = storedEvents();
    long acked = result.ackedEvents();
    long unsure =
        eventsPerRequest
            * result.otherStatuses().values().stream().mapToLong(Long::longValue).sum();
    if (stored < acked || stored > acked + unsure) {
      return acked + " events acknowledged, " + unsure + " in doubt, but " + stored + " stored";
    }
    return describe(result.otherStatuses());
  }

  private static String describe(Map<Integer, Long> otherStatuses) {
    return otherStatuses.isEmpty() ? "" : "answers other than 201: " + otherStatuses;
  }
}
