package io.ottla.torture.damage;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What a healthy server showed just before it was killed: every event of every partition, and the
 * commits of a group. Immutable.
 *
 * @param events per topic, per partition, in the order of their offsets from 0 on
 * @param committed per partition of the group's topic
 */
record Expected(Map<String, List<List<JsonNode>>> events, Map<Integer, Long> committed) {
  private static final int MAX_EVENTS = 5_000;

  /** What a partition shows. */
  sealed interface Shown {
    /** Everything that was acked, byte for byte. */
    record Right() implements Shown {}

    /** The server refuses to show it, and says so. */
    record Refused(String word) implements Shown {}

    /** Something else. */
    record Wrong(String what) implements Shown {}
  }

  /** Reads everything from a healthy server. */
  static Expected read(Api api, Map<String, Integer> topics, String group, String groupTopic)
      throws IOException, InterruptedException {
    Map<String, List<List<JsonNode>>> events = new TreeMap<>();
    for (var topic : topics.entrySet()) {
      List<List<JsonNode>> partitions = new ArrayList<>();
      for (int partition = 0; partition < topic.getValue(); partition++) {
        List<JsonNode> read = new ArrayList<>();
        while (true) {
          JsonNode answer = api.get(path(topic.getKey(), partition, read.size())).expect(200);
          if (answer.required("events").isEmpty()) {
            break;
          }
          answer.required("events").forEach(read::add);
        }
        partitions.add(List.copyOf(read));
      }
      events.put(topic.getKey(), List.copyOf(partitions));
    }
    JsonNode rows = api.get(commits(group, groupTopic)).expect(200).required("partitions");
    return new Expected(events, committed(rows));
  }

  private static String path(String topic, int partition, int offset) {
    return "/events?topic=%s&partition=%d&offset=%d&max_events=%d&max_bytes=8388608"
        .formatted(topic, partition, offset, MAX_EVENTS);
  }

  private static String commits(String group, String topic) {
    return "/offset?group=" + group + "&topic=" + topic;
  }

  private static Map<Integer, Long> committed(JsonNode rows) {
    Map<Integer, Long> committed = new TreeMap<>();
    for (JsonNode row : rows) {
      if (row.path("committed").isNumber()) {
        committed.put(row.path("partition").asInt(), row.path("committed").asLong());
      }
    }
    return committed;
  }

  /** Looks at a partition from its first offset on. */
  Shown show(Api api, String topic, int partition) throws IOException, InterruptedException {
    List<JsonNode> expected = events.get(topic).get(partition);
    int at = 0;
    while (at < expected.size()) {
      Api.Reply reply = api.get(path(topic, partition, at));
      if (reply.status() != 200) {
        return refusal(reply, topic, partition, at);
      }
      JsonNode read = reply.body().path("events");
      if (read.isEmpty()) {
        String word = "%s-%d ends at %d of %d".formatted(topic, partition, at, expected.size());
        boolean led = reply.body().path("leader").asBoolean(true);
        return led ? new Shown.Wrong(word) : new Shown.Refused(word + ", without a leader");
      }
      for (JsonNode event : read) {
        if (at < expected.size() && !event.equals(expected.get(at))) {
          return new Shown.Wrong(
              "%s-%d shows %s, and not %s".formatted(topic, partition, event, expected.get(at)));
        }
        at++;
      }
    }
    return new Shown.Right();
  }

  private static Shown refusal(Api.Reply reply, String topic, int partition, int offset) {
    String word = "%s-%d:%d %s".formatted(topic, partition, offset, reply);
    boolean clear =
        reply.status() == 503
            || (reply.status() == 500
                && reply.body().path("code").asString("").equals("damaged_record"));
    return clear ? new Shown.Refused(word) : new Shown.Wrong(word);
  }

  /** Looks at the group's commits. */
  Shown showCommits(Api api, String group, String topic) throws IOException, InterruptedException {
    Api.Reply reply = api.get(commits(group, topic));
    if (reply.status() != 200) {
      String word = "group " + group + ": " + reply;
      return reply.status() == 503 ? new Shown.Refused(word) : new Shown.Wrong(word);
    }
    Map<Integer, Long> shown = committed(reply.body().path("partitions"));
    return shown.equals(committed)
        ? new Shown.Right()
        : new Shown.Wrong("group %s shows %s, and not %s".formatted(group, shown, committed));
  }
}
