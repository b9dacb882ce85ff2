package io.ottla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.cli.Shell.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProduceCommandTest {
  private static final Pattern PARTITION = Pattern.compile("\"partition\":(\\d+)");

  private final List<String> bodies = new ArrayList<>();
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell();
    String onePartition = Shell.TOPIC.replaceFirst(",\\{\"partition\":1.*", "]}");
    shell.server.answer("GET /topic/liked", 200, onePartition);
    shell.server.answer("GET /topic/liked?cluster=c1", 200, onePartition);
    shell.server.answer("POST /producer", 201, "{\"producer_id\":5,\"name\":\"ottla produce\"}");
    shell.server.answer("POST /events", 201, this::appended);
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  /** What is appended to partition 0, counted from offset 0 over all requests. */
  private synchronized String appended(String body) {
    long first = bodies.stream().mapToLong(ProduceCommandTest::events).sum();
    bodies.add(body);
    return "{\"topic\":\"liked\",\"committed\":true,\"partitions\":{\"0\":"
        + "{\"first\":%d,\"last\":%d,\"count\":%d}}}"
            .formatted(first, first + events(body) - 1, events(body));
  }

  private static long events(String body) {
    return PARTITION.matcher(body).results().count();
  }

  private String sent() {
    return String.join("", bodies);
  }

  @Test
  void eachLineIsAValueWithoutItsEnd() {
    Ended ended = shell.runOn("", "{\"a\":1}\r\n[2]\n\"last\"", "produce", "liked");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).startsWith("3 events committed in ").contains("(19 bytes read");
    assertThat(sent()).contains("\"value\":{\"a\":1}", "\"value\":[2]", "\"value\":\"last\"");
    assertThat(sent().indexOf("[2]")).isBetween(sent().indexOf("{\"a\""), sent().indexOf("last"));
  }

  @Test
  void aLineThatIsNotJsonIsSentAsItsBytes() {
    shell.runOn("", "plain text\n\n", "produce", "liked");

    assertThat(sent()).contains("\"value_base64\":\"cGxhaW4gdGV4dA==\"", "\"value_base64\":\"\"");
  }

  @Test
  void theKeyStandsBeforeTheDelimiter() {
    shell.runOn("", "k1:1\nk2:\"a:b\"\n", "produce", "liked", "-k", ":");

    assertThat(sent()).contains("\"key\":\"k1\"", "\"key\":\"k2\"", "\"value\":\"a:b\"");
  }

  @Test
  void theKeyIsWhereThePointerLeads() {
    String lines = "{\"skip\":[{\"id\":0}],\"user\":{\"id\":17.50}}\n{\"user\":{\"id\":\"x\"}}\n";

    shell.runOn("", lines, "produce", "liked", "--key-pointer", "/user/id");

    assertThat(sent()).contains("\"key\":\"17.50\"", "\"key\":\"x\"");
  }

  @Test
  void aLineWithoutAKeyEndsItAfterWhatStoodBefore() {
    Ended delimiter = shell.runOn("", "k:1\n2\nk:3\n", "produce", "liked", "-k", ":");
    Ended pointer =
        shell.runOn("", "{\"id\":1}\n{\"no\":1}\n", "produce", "liked", "--key-pointer", "/id");

    assertThat(delimiter.exitCode()).isEqualTo(1);
    assertThat(delimiter.err()).contains("1 events committed", "ottla: line 2 has no \":\"");
    assertThat(pointer.err()).contains("1 events committed", "ottla: line 2 has nothing at /id");
    assertThat(sent()).doesNotContain("\"value\":3");
  }

  @Test
  void headersPartitionTimestampAndClusterAreThoseOfEveryEvent() {
    shell.runOn(
        "",
        "1\n",
        "produce",
        "liked",
        "-H",
        "trace=a=b",
        "--header",
        "n=2",
        "--partition=0",
        "--timestamp=1764000000000",
        "--cluster=c1");

    assertThat(sent())
        .contains("\"timestamp\":1764000000000", "\"trace\"", "\"a=b\"", "\"n\"", "\"c1\"");
  }

  @Test
  void jsonTellsWhatIsCommittedAsTheServerTellsOfAnUpload() {
    Ended ended = shell.runOn("", "1\n2\n3\n", "produce", "liked", "--json");

    assertThat(ended.out())
        .isEqualTo(
            """
            {"topic":"liked","committed":true,"count":3,\
            "partitions":{"0":{"first":0,"last":2,"count":3}}}
            """);
  }

  @Test
  void aFileIsReadAndItsBarIsShownOnATerminalOnly(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("lines"), "1\n2\n");

    Ended quiet = shell.run("produce", "liked", file.toString());
    Ended onTerminal = shell.runOn("2", "", "produce", "liked", file.toString());
    Ended asked = shell.run("produce", "liked", file.toString(), "--progress");

    assertThat(quiet.err()).doesNotContain("[#").contains("2 events committed");
    assertThat(onTerminal.err()).contains("[##############################] 100 %");
    assertThat(asked.err()).contains("100 %");
  }

  @Test
  void aFileThatIsNotThereIsExitCode1() {
    Ended ended = shell.run("produce", "liked", "no-such-file");

    assertThat(ended).isEqualTo(new Ended(1, "", "ottla: there is no file no-such-file\n"));
  }

  @Test
  void whatIsNotUnderstoodIsNotSent() {
    assertThat(shell.run("produce", "liked", "-k", ":", "--key-pointer", "/a").exitCode())
        .isEqualTo(2);
    assertThat(shell.run("produce", "liked", "--key-pointer", "a").exitCode()).isEqualTo(2);
    assertThat(shell.run("produce", "liked", "-H", "=x").exitCode()).isEqualTo(2);
    assertThat(shell.run("produce", "liked", "-p", "3").exitCode()).isEqualTo(2);
    assertThat(bodies).isEmpty();
  }

  @Test
  void eventsThatAreRefusedAreExitCode1IfNothingIsInTheLog() {
    shell.server.answer(
        "POST /events",
        403,
        _ -> "{\"code\":\"forbidden\",\"detail\":\"not you\",\"appended\":false}");

    Ended ended = shell.runOn("", "1\n2\n", "produce", "liked");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err())
        .contains("0 events committed", "ottla: 2 events were not committed: not you (forbidden)");
  }

  @Test
  void eventsThatMayBeInTheLogOrNotAreExitCode5() {
    shell.server.answer(
        "POST /events",
        409,
        _ ->
            "{\"code\":\"broken\",\"detail\":\"who knows\",\"appended\":\"unknown\","
                + "\"retriable\":false}");

    Ended ended = shell.runOn("", "1\n", "produce", "liked");

    assertThat(ended.exitCode()).isEqualTo(5);
    assertThat(ended.err()).contains("though some may be in the log: who knows (broken)");
  }
}
