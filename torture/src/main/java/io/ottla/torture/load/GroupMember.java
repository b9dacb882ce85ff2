package io.ottla.torture.load;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.history.Findings;
import io.ottla.torture.history.GroupLedger;
import io.ottla.torture.history.History;
import io.ottla.torture.history.Place;
import io.ottla.torture.history.Sequel;
import io.ottla.torture.run.Insistence;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * A member of a consumer group: polls by cursor, commits the last answer's cursor now and then,
 * sometimes falls silent or leaves and comes back as another. One owner, the thread that runs it.
 */
final class GroupMember implements Runnable {
  static final Duration SESSION = Duration.ofMillis(1_500);
  private static final long NONE = -1;

  private final Site site;
  private final String topic;
  private final GroupLedger ledger;
  private final History history;
  private final SplittableRandom random;
  private final Sequel sequel;
  private long consumer = NONE;
  private String cursor;

  /** It sent a request that was not answered in time: that one may come behind later ones. */
  private boolean hasGivenUp;

  private int generation;
  private final Map<Integer, Long> given = new HashMap<>();

  /** Per partition the offset behind what this member was given of it. */
  private final Map<Integer, Long> reached = new HashMap<>();

  GroupMember(Site site, String topic, GroupLedger ledger, SplittableRandom random) {
    this.site = site;
    this.topic = topic;
    this.ledger = ledger;
    this.history = site.history();
    this.random = random;
    this.sequel = new Sequel("a member of " + ledger.group(), history.findings());
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
    try {
      int chance = random.nextInt(100);
      if (consumer == NONE) {
        join();
      } else if (chance < 60 || cursor == null) {
        poll();
      } else if (chance < 92) {
        commit();
      } else if (chance < 96) {
        // Often for longer than its session; then it commits as if nothing had happened.
        Site.pause(SESSION.multipliedBy(50 + random.nextInt(100)).dividedBy(100));
        commit();
      } else {
        leave();
      }
    } catch (IOException e) {
      hasGivenUp = true;
      Site.pause();
    }
  }

  private void join() throws IOException, InterruptedException {
    var request =
        Api.object()
            .put("group", ledger.group())
            .put("from", "earliest")
            .put("session_timeout_ms", SESSION.toMillis())
            .put("auto_commit", false);
    request.putArray("topics").add(topic);
    Api.Reply reply = site.api().post("/consumer", request);
    if (reply.status() == 201) {
      consumer = reply.body().required("consumer_id").asLong();
      hasGivenUp = false;
      cursor = null;
      given.clear();
      sequel.forgetAll();
      owned(reply.body());
    } else {
      refused(reply, "");
    }
  }

  private void poll() throws IOException, InterruptedException {
    String query =
        "/events?consumer_id=%d&max_events=%d&wait_ms=%d%s"
            .formatted(
                consumer,
                1 + random.nextInt(1_000),
                random.nextInt(200),
                cursor == null ? "" : "&cursor=" + cursor);
    Api.Reply reply = site.api().get(query);
    if (reply.status() == 200) {
      answered(reply.body());
    } else {
      refused(reply, hasGivenUp ? "poll_superseded" : "");
    }
    if (cursor == null && reply.status() != 200) {
      leave();
    }
  }

  private void answered(JsonNode answer) {
    int before = generation;
    owned(answer);
    if (generation != before) {
      // Whatever it owns now may have been somebody else's meanwhile.
      sequel.forgetAll();
    }
    if (answer.path("skipped").size() > 0) {
      history
          .findings()
          .add(Anomaly.EARLY_RETENTION, ledger.group() + ": " + answer.path("skipped"));
    }
    given.clear();
    for (JsonNode event : answer.path("events")) {
      Place place = new Place(topic, event.path("partition").asInt());
      if (!sequel.knows(place)) {
        begins(place, event.path("offset").asLong());
      }
      long offset = history.read(place, event, false);
      sequel.came(place, offset);
      given.put(place.partition(), offset + 1);
    }
    cursor = answer.path("cursor").asString();
  }

  /** Nobody begins behind what anybody has tried to commit. */
  private void begins(Place place, long offset) {
    long highest = Math.max(highestGiven(place), ledger.highestAttempted(place.partition()));
    if (offset > highest) {
      history
          .findings()
          .add(
              Anomaly.POLL_SKIP_OR_BACK,
              "%s: %d begins with %s:%d, and nobody committed more than %d"
                  .formatted(ledger.group(), consumer, place, offset, highest));
    }
  }

  /** What this member itself was given of the partition before: its cursor may go on there. */
  private long highestGiven(Place place) {
    return reached.getOrDefault(place.partition(), 0L);
  }

  private void owned(JsonNode answer) {
    long now = System.nanoTime();
    given.forEach((partition, next) -> reached.merge(partition, next, Math::max));
    generation = answer.path("generation").asInt();
    Set<Integer> partitions = new HashSet<>();
    answer.path("assignment").forEach(row -> partitions.add(row.path("partition").asInt()));
    answer.path("revoking").forEach(row -> partitions.add(row.path("partition").asInt()));
    ledger.owns(consumer, generation, partitions, now);
  }

  private void commit() throws IOException, InterruptedException {
    if (cursor == null) {
      return;
    }
    var commit =
        new GroupLedger.Commit(
            consumer, generation, Map.copyOf(given), Map.copyOf(reached), System.nanoTime());
    ledger.attempted(commit);
    Api.Reply reply =
        site.api().post("/offset", Api.object().put("consumer_id", consumer).put("cursor", cursor));
    if (reply.status() / 100 == 2) {
      ledger.acked(commit, offsets(reply.body().path("committed"), "offset"));
    } else {
      refused(reply, "not_assigned");
    }
  }

  private void leave() throws IOException, InterruptedException {
    long leaving = consumer;
    consumer = NONE;
    reached.clear();
    refused(site.api().delete("/consumer/" + leaving), "");
  }

  /**
   * Looks where a group is committed; nothing below what was acked before may be shown. The group
   * may be unknown, until anybody has committed; any other answer is a finding.
   */
  static void look(Api api, String topic, GroupLedger ledger, Findings findings)
      throws IOException, InterruptedException {
    Map<Integer, Long> floors = ledger.floors();
    String path = "/offset?group=" + ledger.group() + "&topic=" + topic;
    Api.Reply reply = Insistence.get(api, path);
    switch (reply.status()) {
      case 200 -> ledger.looked(floors, offsets(reply.body().path("partitions"), "committed"));
      case 404 -> ledger.looked(floors, Map.of());
      default -> findings.add(Anomaly.UNEXPECTED_ANSWER, path + ": " + reply);
    }
  }

  private static Map<Integer, Long> offsets(JsonNode rows, String field) {
    Map<Integer, Long> offsets = new TreeMap<>();
    for (JsonNode row : rows) {
      if (row.path(field).isNumber()) {
        offsets.put(row.path("partition").asInt(), row.path(field).asLong());
      }
    }
    return offsets;
  }

  /** Busy and refused for the moment is fine, and the conflict named. */
  private void refused(Api.Reply reply, String conflict) {
    if (reply.status() / 100 == 2) {
      return;
    }
    String code = reply.body().path("code").asString("");
    if (reply.status() != 503 && !(reply.status() == 409 && code.equals(conflict))) {
      history
          .findings()
          .add(Anomaly.UNEXPECTED_ANSWER, ledger.group() + " " + consumer + ": " + reply);
    }
    Site.pause();
  }
}
