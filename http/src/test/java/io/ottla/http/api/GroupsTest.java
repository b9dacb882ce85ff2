package io.ottla.http.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code /group}, end to end over a real deployment of two clusters. */
class GroupsTest {
  @TempDir static Path directory;

  private static ServedDeployment served;
  private static Api api;

  @BeforeAll
  static void start() throws IOException {
    served = ServedDeployment.open(directory);
    api = served.api();
    api.post("/cluster", "{\"name\":\"c1\"}").ok(201);
    api.post("/cluster", "{\"name\":\"c2\",\"num_brokers\":1}").ok(201);
    api.post("/topic", "{\"name\":\"likes\",\"cluster\":\"c1\"}").ok(201);
    api.post("/topic", "{\"name\":\"seen\",\"cluster\":\"c2\",\"partitions\":1}").ok(201);
    api.post(
            "/events",
            "{\"topic\":\"likes\",\"events\":[{\"partition\":0,\"value\":1},"
                + "{\"partition\":0,\"value\":2},{\"partition\":1,\"value\":3}]}")
        .ok(201);
  }

  @AfterAll
  static void stop() throws IOException {
    served.close();
  }

  @Test
  void listsTheGroupsOfAllClustersByName() {
    for (String group : List.of("list-b", "list-a", "list c/ü")) {
      make("likes", group, 45_000);
    }
    make("seen", "list-a", 45_000);

    List<String> all = names(api.get("/group").ok(200));
    JsonNode some = api.get("/group?cluster=c2").ok(200).get("groups");

    assertThat(all).containsSubsequence("c1 list c/ü", "c1 list-a", "c1 list-b", "c2 list-a");
    assertThat(some.get(0).propertyNames())
        .containsExactly("group", "cluster", "state", "generation", "members");
    assertThat(names(api.get("/group?cluster=c2").ok(200))).allMatch(row -> row.startsWith("c2 "));
    assertThat(api.get("/group/list%20c%2F%C3%BC?cluster=c1").ok(200).get("group").asString())
        .isEqualTo("list c/ü");
  }

  @Test
  void showsAGroupWithItsMembersAndItsProgress() {
    long id = make("likes", "shown", 45_000);
    api.get("/events?consumer_id=" + id + "&max_events=2").ok(200);
    api.post("/offset", "{\"consumer_id\":" + id + "}").ok(200);

    JsonNode group = api.get("/group/shown?cluster=c1").ok(200);

    assertThat(group.propertyNames())
        .containsExactly(
            "group",
            "cluster",
            "state",
            "generation",
            "protocol",
            "members",
            "partitions",
            "lag",
            "offsets_topic",
            "offsets_partition");
    assertThat(group.get("state").asString()).isEqualTo("stable");
    assertThat(group.get("protocol").asString()).isEqualTo("ottla");
    assertThat(group.get("lag").asInt()).isEqualTo(1);
    assertThat(group.get("offsets_topic").asString()).isEqualTo("__consumer_offsets");
    assertThat(group.get("offsets_partition").asInt()).isBetween(0, 2);
    JsonNode member = group.get("members").get(0);
    assertThat(member.propertyNames())
        .containsExactly(
            "member_id",
            "consumer_id",
            "active",
            "topics",
            "session_timeout_ms",
            "auto_commit",
            "assignment",
            "revoking");
    assertThat(member.get("consumer_id").asLong()).isEqualTo(id);
    assertThat(member.get("assignment")).hasSize(3);
    JsonNode partition = group.get("partitions").get(0);
    assertThat(partition.propertyNames())
        .containsExactly(
            "topic", "partition", "owner", "position", "committed", "end_offset", "lag");
    assertThat(partition.get("owner").asLong()).isEqualTo(id);
    assertThat(group.get("partitions")).hasSize(3);
    assertThat(commitsOf("shown", group.get("offsets_partition").asInt())).isPositive();
  }

  @Test
  void saysWhetherAGroupIsBalancedOrEmpty() {
    long first = make("likes", "states", 45_000);
    long second = make("likes", "states", 45_000);
    assertThat(state("states")).isEqualTo("balancing");
    JsonNode revoking = api.get("/consumer/" + first).ok(200).get("revoking");
    assertThat(revoking).isNotEmpty();

    api.get("/events?consumer_id=" + first).ok(200);
    api.get("/events?consumer_id=" + first).ok(200);
    assertThat(state("states")).isEqualTo("stable");
    assertThat(api.get("/consumer/" + second).ok(200).get("assignment")).isEqualTo(revoking);

    api.delete("/consumer/" + first);
    api.delete("/consumer/" + second);
    assertThat(state("states")).isEqualTo("empty");
    JsonNode left = api.get("/group/states?cluster=c1").ok(200).get("partitions").get(0);
    assertThat(left.get("owner").isNull()).isTrue();
  }

  @Test
  void deletesAGroupOnceNobodyIsActive() {
    long id = make("likes", "deleted", 1_000);
    api.delete("/group/deleted?cluster=c1").problem(409, "group_active");

    await().until(() -> state("deleted").equals("empty"));
    assertThat(api.delete("/group/deleted?cluster=c1").status()).isEqualTo(204);

    api.delete("/group/deleted?cluster=c1").problem(404, "group_not_found");
    api.get("/group/deleted?cluster=c1").problem(404, "group_not_found");
    api.get("/consumer/" + id).problem(404, "consumer_not_found");
  }

  @Test
  void refusesWhatIsNotThereAndWhatItDoesNotKnow() {
    api.get("/group/nobody?cluster=c1").problem(404, "group_not_found");
    api.delete("/group/nobody?cluster=c1").problem(404, "group_not_found");
    assertThat(api.get("/group/nobody").problem(400, "cluster_required").get("candidates"))
        .hasSize(2);
    api.delete("/group/nobody").problem(400, "cluster_required");
    api.get("/group?cluster=c9").problem(404, "cluster_not_found");
    api.get("/group?colour=red").invalid("colour");
    api.get("/group/nobody?colour=red").invalid("colour");
    api.delete("/group/nobody?colour=red").invalid("colour");
    api.post("/group", "{}").problem(405, "method_not_allowed");
    api.post("/group/nobody", "{}").problem(405, "method_not_allowed");
    api.delete("/group").problem(405, "method_not_allowed");
  }

  private static long make(String topic, String group, int sessionTimeoutMs) {
    return api.post(
            "/consumer",
            "{\"topics\":[\"%s\"],\"group\":\"%s\",\"session_timeout_ms\":%d}"
                .formatted(topic, group, sessionTimeoutMs))
        .ok(201)
        .get("consumer_id")
        .asLong();
  }

  private static String state(String group) {
    return api.get("/group/" + group + "?cluster=c1").ok(200).get("state").asString();
  }

  private static List<String> names(JsonNode answer) {
    List<String> names = new ArrayList<>();
    for (JsonNode group : answer.get("groups")) {
      names.add(group.get("cluster").asString() + " " + group.get("group").asString());
    }
    return names;
  }

  /** How many commits of the group stand in that partition of the topic of commits. */
  private static long commitsOf(String group, int partition) {
    long commits = 0;
    String read = "/events?topic=__consumer_offsets&cluster=c1&offset=0&partition=" + partition;
    for (JsonNode event : api.get(read).ok(200).get("events")) {
      String key = event.get("key").asString();
      if (key.startsWith("{\"type\":\"offset\",\"group\":\"" + group + "\"")) {
        commits++;
      }
    }
    return commits;
  }
}
