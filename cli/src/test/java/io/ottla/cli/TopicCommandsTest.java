package io.ottla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.cli.Shell.Ended;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopicCommandsTest {
  private static final String INTERNAL =
      Shell.TOPIC
          .replace("\"liked\"", "\"__consumer_offsets\"")
          .replace("\"internal\":false", "\"internal\":true");

  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell();
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  @Test
  void createSendsEveryOption() {
    shell.server.answer("POST /topic", 201, Shell.TOPIC);

    Ended ended =
        shell.run(
            "topic",
            "create",
            "liked",
            "--cluster=c1",
            "--partitions=2",
            "--retention-hours=-1",
            "--retention-bytes=5",
            "--segment-bytes=6",
            "--compression=zstd",
            "--cleanup-policy=compact",
            "--max-record-bytes=7");

    assertThat(shell.server.received().getFirst().body())
        .isEqualTo(
            """
            {"name":"liked","cluster":"c1","partitions":2,"retention_policies":-1.0,\
            "retention_bytes":5,"segment_bytes":6,"compression":"zstd",\
            "cleanup_policy":"compact","max_record_bytes":7}\
            """);
    assertThat(ended.exitCode()).isZero();
  }

  @Test
  void listLeavesTheServersOwnTopicsOutUnlessAskedFor() {
    shell.server.answer(
        "GET /topic?cluster=c1", 200, "{\"topics\":[" + INTERNAL + "," + Shell.TOPIC + "]}");

    Ended table = shell.run("topic", "list", "--cluster", "c1");
    Ended json = shell.run("topic", "list", "--cluster", "c1", "--json");
    Ended all = shell.run("topic", "list", "--cluster", "c1", "--json", "--internal");

    assertThat(table.out())
        .isEqualTo(
            """
            TOPIC  CLUSTER  PARTITIONS  EVENTS  RETENTION  CLEANUP  COMPRESSION
            liked  c1                2       4  168 h      delete   lz4
            """);
    assertThat(json.out()).isEqualTo("{\"topics\":[" + Shell.TOPIC + "]}\n");
    assertThat(all.out()).isEqualTo("{\"topics\":[" + INTERNAL + "," + Shell.TOPIC + "]}\n");
  }

  @Test
  void describeShowsPartitionsOneWithoutALeader() {
    shell.server.answer("GET /topic/liked", 200, Shell.TOPIC);

    Ended ended = shell.run("topic", "describe", "liked");

    assertThat(ended.out())
        .endsWith(
            """
            PARTITION  LEADER  REPLICAS  START  END  BYTES
                    0       1  1             0    2     77
                    1       -  2,1           5    7      -
            """);
  }

  @Test
  void alterChangesWhatIsNamed() {
    shell.server.answer("PATCH /topic/liked", 200, Shell.TOPIC);

    shell.run("topic", "alter", "liked", "--partitions", "6", "--compression", "none");

    assertThat(shell.server.received().getFirst().body())
        .isEqualTo("{\"partitions\":6,\"compression\":\"none\"}");
  }

  @Test
  void alterWithoutAChangeIsNotSent() {
    Ended ended = shell.run("topic", "alter", "liked");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(shell.server.received()).isEmpty();
  }

  @Test
  void deleteAsJsonIsAnEmptyDocument() {
    shell.server.answer("DELETE /topic/liked", 204, "");

    Ended ended = shell.run("topic", "delete", "liked", "--json");

    assertThat(ended).isEqualTo(new Ended(0, "{}\n", "deleted the topic liked\n"));
  }

  @Test
  void theHeaderIsBoldOnATerminalOnlyAndNotIfColoursAreUnwanted() {
    shell.server.answer("GET /topic", 200, "{\"topics\":[]}");

    assertThat(shell.runOn("1", "", "topic", "list").out()).startsWith("\u001B[1mTOPIC");
    assertThat(shell.runOn("2", "", "topic", "list").out()).startsWith("TOPIC");
    shell.with("NO_COLOR", "1");
    assertThat(shell.runOn("1", "", "topic", "list").out()).startsWith("TOPIC");
  }
}
