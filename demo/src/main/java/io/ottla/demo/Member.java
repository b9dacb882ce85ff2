package io.ottla.demo;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A member of a consumer group: polls from the cursor of its last answer, commits when it is told
 * to. One owner at a time.
 */
final class Member {
  private final Target target;
  private final long id;
  private final Set<Integer> owned = new TreeSet<>();
  private boolean hasToLetGo;
  private String cursor = "";

  private Member(Target target, long id) {
    this.target = target;
    this.id = id;
  }

  /** Makes a consumer, which joins the group at once. */
  static Member join(Target target, String group, Duration sessionTimeout)
      throws IOException, InterruptedException {
    ObjectNode request =
        Api.object()
            .put("cluster", target.cluster())
            .put("group", group)
            .put("session_timeout_ms", sessionTimeout.toMillis())
            .put("auto_commit", false);
    request.putArray("topics").add(target.topic());
    JsonNode answer = target.api().post("/consumer", request).expect(201);
    return new Member(target, answer.required("consumer_id").asLong());
  }

  /** Asks for its next events. */
  List<Delivery> poll(int maxEvents) throws IOException, InterruptedException {
    String path = "/events?consumer_id=" + id + "&wait_ms=50&max_events=" + maxEvents;
    JsonNode answer =
        target.api().get(cursor.isEmpty() ? path : path + "&cursor=" + cursor).expect(200);
    owned.clear();
    answer.required("assignment").forEach(row -> owned.add(row.required("partition").asInt()));
    hasToLetGo = !answer.required("revoking").isEmpty();
    cursor = answer.required("cursor").asString();
    List<Delivery> deliveries = new ArrayList<>();
    answer.required("events").forEach(event -> deliveries.add(Delivery.of(event)));
    return deliveries;
  }

  /** Commits up to its last answer. */
  void commit() throws IOException, InterruptedException {
    target
        .api()
        .post("/offset", Api.object().put("consumer_id", id).put("cursor", cursor))
        .expect(200);
  }

  void leave() throws IOException, InterruptedException {
    target.api().delete("/consumer/" + id).expect(204);
  }

  long id() {
    return id;
  }

  /** The partitions that it may read, as its last answer told. */
  Set<Integer> owned() {
    return owned;
  }

  /** Whether its last answer named partitions that it lets go with its next poll. */
  boolean hasToLetGo() {
    return hasToLetGo;
  }
}
