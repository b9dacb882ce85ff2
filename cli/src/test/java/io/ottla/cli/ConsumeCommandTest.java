package io.ottla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.cli.Shell.Ended;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConsumeCommandTest {
  private static final String QUERY =
      "GET /events?cluster=c1&topic=liked&max_events=100000&max_bytes=1048576&wait_ms=1000";
  private static final String MEMBER =
      "GET /events?cluster=c1&topic=liked&max_events=100000&max_bytes=1048576&wait_ms=1000";

  private Shell shell;

  /** Partition 0 has the offsets 0 and 1, partition 1 has 5 and 6. */
  @BeforeEach
  void start() throws IOException {
    shell = new Shell();
    shell.server.answer("GET /topic/liked", 200, Shell.TOPIC);
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  private static String line(int partition, long offset, long timestamp, String value) {
    return """
    {"topic":"liked","partition":%d,"offset":%d,"timestamp":%d,"key":"k%d",\
    "value":%s,"headers":{"h":"x"}}
    """
        .formatted(partition, offset, timestamp, offset, value);
  }

  private void has(String request, long nextOffset, String... lines) {
    shell.server.answer(
        request,
        200,
        String.join("", lines),
        Map.of("Ottla-Next-Offset", Long.toString(nextOffset)));
  }

  private void hasBoth() {
    has(QUERY + "&partition=0&offset=0", 2, line(0, 0, 10, "\"a\""), line(0, 1, 30, "\"c\""));
    has(QUERY + "&partition=1&offset=5", 7, line(1, 5, 20, "\"b\""), line(1, 6, 30, "\"d\""));
  }

  @Test
  void partitionsAreMergedByTimeAndThenByNumber() {
    hasBoth();

    assertThat(shell.run("consume", "liked"))
        .isEqualTo(new Ended(0, "\"a\"\n\"b\"\n\"c\"\n\"d\"\n", ""));
  }

  @Test
  void eventsBehindTheEndOfWhenItBeganAreNotPrinted() {
    has(
        QUERY + "&partition=0&offset=0",
        3,
        line(0, 0, 1, "0"),
        line(0, 1, 2, "1"),
        line(0, 2, 3, "2"));

    assertThat(shell.run("consume", "liked", "-p", "0").out()).isEqualTo("0\n1\n");
  }

  @Test
  void aPartitionIsReadInSeveralAnswersAndAcrossGaps() {
    has(QUERY + "&partition=1&offset=5", 6);
    has(QUERY + "&partition=1&offset=6", 7, line(1, 6, 2, "6"));

    assertThat(shell.run("consume", "liked", "-p", "1").out()).isEqualTo("6\n");
  }

  @Test
  void theFormatSaysWhatIsPrinted() {
    has(QUERY + "&partition=1&offset=5", 7, line(1, 5, 20, "{\"x\": [1,\"}\"]}"));

    Ended ended = shell.run("consume", "liked", "-p1", "-f", "%T-%p@%o %t\\t%k=%v %h 100%%\\n");

    assertThat(ended.out()).isEqualTo("liked-1@5 20\tk5={\"x\": [1,\"}\"]} h=x 100%\n");
  }

  @Test
  void jsonIsTheServersLine() {
    has(QUERY + "&partition=1&offset=5", 7, line(1, 5, 20, "1"), line(1, 6, 20, "2"));

    assertThat(shell.run("consume", "liked", "-p1", "--json").out())
        .isEqualTo(line(1, 5, 20, "1") + line(1, 6, 20, "2"));
  }

  @Test
  void readingStartsWhereItIsTold() {
    has(QUERY + "&partition=0&offset=1", 2, line(0, 1, 1, "\"last\""));
    has(QUERY + "&partition=1&offset=6", 7, line(1, 6, 2, "\"last too\""));
    String atTime =
        QUERY.replace("wait_ms=1000", "wait_ms=0") + "&partition=0&from=2026-01-01T00%3A00%3A00Z";
    has(atTime, 2, line(0, 1, 1, "\"late\""));

    assertThat(shell.run("consume", "liked", "-o", "-1").out())
        .isEqualTo("\"last\"\n\"last too\"\n");
    assertThat(shell.run("consume", "liked", "-p0", "-o", "1").out()).isEqualTo("\"last\"\n");
    assertThat(shell.run("consume", "liked", "-o", "end").out()).isEmpty();
    assertThat(shell.run("consume", "liked", "-p0", "-o", "@2026-01-01T00:00:00Z").out())
        .isEqualTo("\"late\"\n");
  }

  @Test
  void itStopsAfterSoManyAndAsksForNoMore() {
    String query = QUERY.replace("max_events=100000", "max_events=1");
    has(query + "&partition=0&offset=0", 1, line(0, 0, 10, "\"a\""));
    has(query + "&partition=1&offset=5", 6, line(1, 5, 20, "\"b\""));

    assertThat(shell.run("consume", "liked", "-c", "1").out()).isEqualTo("\"a\"\n");
  }

  @Test
  void followingGoesOnBehindTheEnd() {
    has(
        QUERY + "&partition=0&offset=0",
        3,
        line(0, 0, 1, "0"),
        line(0, 1, 2, "1"),
        line(0, 2, 3, "2"));
    String waiting = QUERY.replace("wait_ms=1000", "wait_ms=10000");
    has(
        waiting.replace("max_events=100000", "max_events=4") + "&partition=0&offset=3",
        4,
        line(0, 3, 4, "3"));
    has(
        QUERY.replace("max_events=100000", "max_events=4") + "&partition=0&offset=0",
        3,
        line(0, 0, 1, "0"),
        line(0, 1, 2, "1"),
        line(0, 2, 3, "2"));

    Ended ended = shell.run("consume", "liked", "-p0", "--follow", "-c", "4");

    assertThat(ended.out()).isEqualTo("0\n1\n2\n3\n");
  }

  @Test
  void bytesThatAreNotJsonComeBackAsTheyWere() {
    has(
        QUERY + "&partition=0&offset=0",
        2,
        "{\"topic\":\"liked\",\"partition\":0,\"offset\":0,\"timestamp\":1,"
            + "\"key_base64\":\"aw==\",\"value_base64\":\"cGxhaW4gdGV4dA==\",\"headers\":{}}\n",
        "{\"topic\":\"liked\",\"partition\":0,\"offset\":1,\"timestamp\":1,"
            + "\"key\":\"\\u00e9\\n\",\"value\":null,\"header_list\":"
            + "[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"a\",\"value_base64\":\"/w==\"}]}\n");

    assertThat(shell.run("consume", "liked", "-p0", "-f", "%k|%v|%h;").out())
        .isEqualTo("k|plain text|;\u00e9\n|null|a=1,a=/w==;");
  }

  @Test
  void aServerThatHasNoLeaderJustNowIsAskedAgain() {
    String request = QUERY + "&partition=1&offset=5";
    shell.server.answer(request, 503, "{\"code\":\"no_leader\",\"retriable\":true}");
    has(request, 7, line(1, 5, 20, "1"));

    assertThat(shell.run("consume", "liked", "-p1").out()).isEqualTo("1\n");
  }

  @Test
  void whatDoesNotFitTogetherIsNotSent() {
    for (List<String> options :
        List.of(
            List.of("-o", "7"),
            List.of("-g", "g", "-p", "0"),
            List.of("-g", "g", "-o", "-5"),
            List.of("--json", "-f", "%v"),
            List.of("-f", "%x"),
            List.of("-f", "50%"),
            List.of("-c", "-1"))) {
      String[] command = new String[options.size() + 2];
      command[0] = "consume";
      command[1] = "liked";
      for (int i = 0; i < options.size(); i++) {
        command[i + 2] = options.get(i);
      }
      assertThat(shell.run(command).exitCode()).as(options.toString()).isEqualTo(2);
    }
    assertThat(shell.server.received()).isEmpty();
  }

  private void member(String request, String cursor, String... lines) {
    shell.server.answer(
        request,
        200,
        String.join("", lines),
        Map.of("Ottla-Consumer-Id", "9", "Ottla-Cursor", cursor));
  }

  @Test
  void aMemberCommitsWhatItPrintedBeforeItPollsAgainAndLeaves() {
    member(MEMBER + "&group=g&from=latest&auto_commit=false", "c1", line(0, 0, 1, "1"));
    member(MEMBER + "&consumer_id=9&cursor=c1&auto_commit=false", "c2");
    shell.server.answer("POST /offset", 200, "{\"group\":\"g\",\"committed\":[]}");
    shell.server.answer("DELETE /consumer/9", 204, "");

    Ended ended = shell.run("consume", "liked", "-g", "g", "-o", "end");

    assertThat(ended).isEqualTo(new Ended(0, "1\n", ""));
    assertThat(shell.server.requests())
        .containsExactly(
            "GET /topic/liked",
            MEMBER + "&group=g&from=latest&auto_commit=false",
            "POST /offset",
            MEMBER + "&consumer_id=9&cursor=c1&auto_commit=false",
            "DELETE /consumer/9");
    assertThat(shell.server.received().get(2).body())
        .isEqualTo(
            "{\"consumer_id\":9,\"offsets\":"
                + "[{\"topic\":\"liked\",\"partition\":0,\"offset\":1}]}");
  }

  @Test
  void aMemberThatHasEnoughCommitsOnlyWhatItPrinted() {
    member(
        MEMBER.replace("max_events=100000", "max_events=1")
            + "&group=g&from=earliest&auto_commit=false",
        "c1",
        line(0, 0, 1, "1"),
        line(1, 5, 1, "2"));
    shell.server.answer("POST /offset", 200, "{\"group\":\"g\",\"committed\":[]}");
    shell.server.answer("DELETE /consumer/9", 204, "");

    Ended ended = shell.run("consume", "liked", "-g", "g", "-c", "1");

    assertThat(ended.out()).isEqualTo("1\n");
    assertThat(shell.server.received().get(2).body()).doesNotContain("\"partition\":1");
  }

  @Test
  void aPartitionThatIsAnothersByNowIsExitCode5AndTheOthersAreCommitted() {
    member(
        MEMBER + "&group=g&from=earliest&auto_commit=false",
        "c1",
        line(0, 0, 1, "1"),
        line(1, 5, 1, "2"));
    member(MEMBER + "&consumer_id=9&cursor=c1&auto_commit=false", "c2");
    String refused = "{\"code\":\"not_assigned\",\"detail\":\"not yours\"}";
    shell.server.answer("POST /offset", 409, refused);
    shell.server.answer("POST /offset", 200, "{\"group\":\"g\",\"committed\":[]}");
    shell.server.answer("POST /offset", 409, refused);
    shell.server.answer("DELETE /consumer/9", 204, "");

    Ended ended = shell.run("consume", "liked", "-g", "g");

    assertThat(ended)
        .isEqualTo(new Ended(5, "1\n2\n", "ottla: not committed: not yours (not_assigned)\n"));
  }
}
