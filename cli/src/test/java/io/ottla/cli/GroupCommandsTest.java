package io.ottla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.cli.Shell.Ended;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupCommandsTest {
  private static final String GROUP =
      """
      {"group":"g1","cluster":"c1","state":"stable","generation":4,"protocol":"ottla",\
      "members":[{"member_id":"7","consumer_id":7,"active":true,"topics":["liked"],\
      "assignment":[{"topic":"liked","partition":0}],"revoking":[]}],\
      "partitions":[{"topic":"liked","partition":0,"owner":7,"position":5,"committed":null,\
      "end_offset":9,"lag":9}],"lag":9,"offsets_topic":"__consumer_offsets",\
      "offsets_partition":2}\
      """;
  private static final String OFFSETS =
      """
      {"group":"g1","partitions":[{"topic":"liked","partition":0,"position":null,\
      "committed":1,"end_offset":2,"lag":1},{"topic":"liked","partition":1,"position":6,\
      "committed":null,"end_offset":7,"lag":2}]}\
      """;
  private static final String COMMITTED =
      "{\"group\":\"g1\",\"committed\":[{\"topic\":\"liked\",\"partition\":1,\"offset\":6}]}";

  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell();
    shell.server.answer("GET /topic/liked", 200, Shell.TOPIC);
    shell.server.answer("GET /offset?group=g1&topic=liked", 200, OFFSETS);
    shell.server.answer("POST /offset", 200, COMMITTED);
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  @Test
  void groupsAreListed() {
    String document =
        "{\"groups\":[{\"group\":\"g1\",\"cluster\":\"c1\",\"state\":\"empty\","
            + "\"generation\":4,\"members\":0}]}";
    shell.server.answer("GET /group", 200, document);

    assertThat(shell.run("group", "list").out())
        .isEqualTo(
            """
            GROUP  CLUSTER  STATE  MEMBERS  GENERATION
            g1     c1       empty        0           4
            """);
    assertThat(shell.run("group", "list", "--json").out()).isEqualTo(document + "\n");
  }

  @Test
  void aGroupIsDescribedAndDeleted() {
    shell.server.answer("GET /group/g1", 200, GROUP);
    shell.server.answer("DELETE /group/g1", 204, "");

    Ended described = shell.run("group", "describe", "g1");
    Ended deleted = shell.run("group", "delete", "g1");

    assertThat(described.out())
        .isEqualTo(
            """
            GROUP  CLUSTER  STATE   GENERATION  LAG  COMMITS IN
            g1     c1       stable           4    9  __consumer_offsets-2

            CONSUMER  ACTIVE  PARTITIONS
                   7  yes     liked-0

            TOPIC  PARTITION  CONSUMER  POSITION  COMMITTED  END  LAG
            liked          0         7         5          -    9    9
            """);
    assertThat(deleted.exitCode()).isZero();
  }

  @Test
  void offsetsAreShownOfAGroupOrAConsumer() {
    shell.server.answer("GET /offset?consumer_id=7", 200, OFFSETS);

    Ended ofGroup = shell.run("offset", "show", "-g", "g1", "-t", "liked");
    Ended ofConsumer = shell.run("offset", "show", "--consumer", "7", "--json");

    assertThat(ofGroup.out())
        .isEqualTo(
            """
            TOPIC  PARTITION  POSITION  COMMITTED  END  LAG
            liked          0         -          1    2    1
            liked          1         6          -    7    2
            """);
    assertThat(ofConsumer.out()).isEqualTo(OFFSETS + "\n");
  }

  @Test
  void offsetsOfNobodyOrOfTwoAreNotAskedFor() {
    assertThat(shell.run("offset", "show").exitCode()).isEqualTo(2);
    assertThat(shell.run("offset", "show", "-g", "g1").exitCode()).isEqualTo(2);
    assertThat(shell.run("offset", "show", "-g", "g1", "-t", "t", "--consumer", "7").exitCode())
        .isEqualTo(2);
    assertThat(shell.server.received()).isEmpty();
  }

  @Test
  void aConsumersOffsetsAreCommittedAsGivenOrExactly() {
    Ended given = shell.run("offset", "commit", "--consumer", "7");
    shell.run("offset", "commit", "--consumer", "7", "-t", "liked", "--offset", "1:6");

    assertThat(given.out()).isEqualTo("TOPIC  PARTITION  COMMITTED\nliked          1          6\n");
    assertThat(shell.server.received().get(0).body()).isEqualTo("{\"consumer_id\":7}");
    assertThat(shell.server.received().get(1).body())
        .isEqualTo(
            "{\"consumer_id\":7,\"offsets\":"
                + "[{\"topic\":\"liked\",\"partition\":1,\"offset\":6}]}");
  }

  @Test
  void aResetWithoutExecuteShowsWhatWouldChangeAndChangesNothing() {
    Ended latest = shell.run("offset", "reset", "-g", "g1", "-t", "liked", "--to", "latest");
    Ended json =
        shell.run("offset", "reset", "-g", "g1", "-t", "liked", "--to-offset", "1:6", "--json");

    assertThat(latest.exitCode()).isZero();
    assertThat(latest.out())
        .isEqualTo(
            """
            TOPIC  PARTITION  FROM  TO
            liked          0     1   2
            liked          1     -   7
            """);
    assertThat(latest.err()).contains("nothing was changed");
    assertThat(json.out())
        .isEqualTo(
            """
            {"group":"g1","dry_run":true,"offsets":[\
            {"topic":"liked","partition":1,"committed":null,"offset":6}]}
            """);
    assertThat(shell.server.requests()).noneMatch(request -> request.startsWith("POST"));
  }

  @Test
  void aResetToATimeLooksForTheFirstEventFromThenOn() {
    String query = "GET /events?cluster=c1&topic=liked&max_events=1&max_bytes=1&wait_ms=0";
    String time = "2026-01-01T00:00:00Z";
    String from = "&from=2026-01-01T00%3A00%3A00Z";
    Map<String, String> next = Map.of("Ottla-Next-Offset", "2");
    shell.server.answer(
        query + "&partition=0" + from,
        200,
        "{\"topic\":\"liked\",\"partition\":0,\"offset\":1}\n",
        next);
    shell.server.answer(query + "&partition=1" + from, 200, "", Map.of("Ottla-Next-Offset", "7"));

    Ended ended = shell.run("offset", "reset", "-g", "g1", "-t", "liked", "--to", time);

    assertThat(ended.out()).contains("liked          0     1   1", "liked          1     -   7");
  }

  @Test
  void aResetThatIsExecutedSendsThePlaceOrTheOffsets() {
    Ended earliest =
        shell.run("offset", "reset", "-g", "g1", "-t", "liked", "--to", "earliest", "--execute");
    shell.run("offset", "reset", "-g", "g1", "-t", "liked", "--to-offset", "1:6", "--execute");

    assertThat(earliest.out())
        .isEqualTo("TOPIC  PARTITION  FROM  TO\nliked          1     -   6\n");
    assertThat(shell.server.received())
        .filteredOn(request -> request.request().startsWith("POST"))
        .extracting("body")
        .containsExactly(
            "{\"group\":\"g1\",\"topic\":\"liked\",\"to\":\"earliest\"}",
            "{\"group\":\"g1\",\"topic\":\"liked\",\"offsets\":"
                + "[{\"topic\":\"liked\",\"partition\":1,\"offset\":6}]}");
  }

  @Test
  void aResetOfAPartitionThatIsNotThereIsNotSent() {
    Ended ended =
        shell.run("offset", "reset", "-g", "g1", "-t", "liked", "--to-offset", "9:0", "--execute");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.err()).isEqualTo("ottla: liked has no partition 9\n");
  }
}
