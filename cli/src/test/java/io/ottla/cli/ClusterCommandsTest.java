package io.ottla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.cli.Shell.Ended;
import io.ottla.testkit.FakeServer.Received;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterCommandsTest {
  private static final String CLUSTER =
      """
      {"cluster_id":"id1","name":"c1","num_brokers":2,"replication_factor":2,\
      "tolerated_failures":0,"log_directory":"logs/c1","partitions":3,"retention_policies":0.5,\
      "brokers":[{"id":1,"host":"h","port":1,"state":"running","directory":"c1/broker-1"},\
      {"id":2,"host":"h","port":1,"state":"stopped","directory":"c1/broker-2"}],\
      "created_at":"2026-01-01T00:00:00Z","new":true}\
      """;
  private static final String DESCRIBED =
      CLUSTER.substring(0, CLUSTER.length() - 1)
          + """
          ,"topics":[{"name":"liked","partitions":[\
          {"partition":0,"leader":1,"replicas":[1],"start_offset":2,"end_offset":12},\
          {"partition":1,"leader":null,"replicas":[2],"start_offset":0,"end_offset":5}]}]}\
          """;

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
  void createSendsWhatIsGivenAndShowsTheCluster() {
    shell.server.answer("POST /cluster", 201, CLUSTER);

    Ended ended =
        shell.run(
            "cluster",
            "create",
            "c1",
            "--brokers=2",
            "--partitions=3",
            "--retention-hours=0.5",
            "--log-directory=logs/c1");

    assertThat(shell.server.received())
        .extracting(Received::body)
        .containsExactly(
            "{\"name\":\"c1\",\"num_brokers\":2,\"partitions\":3,"
                + "\"retention_policies\":0.5,\"log_directory\":\"logs/c1\"}");
    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out())
        .isEqualTo(
            """
            CLUSTER  BROKERS  REPLICAS  TOLERATES  RETENTION  DIRECTORY
            c1             2         2          0  30 min     logs/c1
            """);
  }

  @Test
  void listAsJsonIsTheServersDocument() {
    String document = "{\"clusters\":[" + CLUSTER + "]}";
    shell.server.answer("GET /cluster", 200, document);

    assertThat(shell.run("cluster", "list", "--json").out()).isEqualTo(document + "\n");
  }

  @Test
  void describeShowsWhoLeadsAndWhatHasNoLeader() {
    shell.server.answer("GET /cluster/c1", 200, DESCRIBED);

    Ended ended = shell.run("cluster", "describe", "c1");

    assertThat(ended.out())
        .contains(
            """
            BROKER  STATE    LEADS  DIRECTORY
                 1  running      1  c1/broker-1
                 2  stopped      0  c1/broker-2

            TOPIC  PARTITIONS  EVENTS  WITHOUT LEADER
            liked           2      15               1
            """);
    assertThat(shell.run("cluster", "describe", "c1", "--json").out()).isEqualTo(DESCRIBED + "\n");
  }

  @Test
  void deleteWritesNothingButAMessage() {
    shell.server.answer("DELETE /cluster/c1", 204, "");

    Ended ended = shell.run("cluster", "delete", "c1");

    assertThat(ended).isEqualTo(new Ended(0, "", "deleted the cluster c1\n"));
  }

  @Test
  void brokersAreStoppedAndStarted() {
    shell.server.answer("POST /cluster/c1/brokers/2/stop", 200, "{\"id\":2,\"state\":\"stopped\"}");
    shell.server.answer(
        "POST /cluster/c1/brokers/2/start", 200, "{\"id\":2,\"state\":\"running\"}");

    Ended clean = shell.run("broker", "stop", "c1", "2");
    Ended crashed = shell.run("broker", "stop", "c1", "2", "--mode", "crash", "--json");
    Ended started = shell.run("broker", "start", "c1", "2");

    assertThat(clean.out()).isEqualTo("BROKER  STATE\n     2  stopped\n");
    assertThat(crashed.out()).isEqualTo("{\"id\":2,\"state\":\"stopped\"}\n");
    assertThat(started.out()).contains("running");
    assertThat(shell.server.received())
        .extracting(Received::body)
        .containsExactly("{\"mode\":\"clean\"}", "{\"mode\":\"crash\"}", "");
  }

  @Test
  void statusFailsAndSaysWhyIfTheServerIsNotReady() {
    shell.server.answer("GET /health/live", 200, "{\"status\":\"live\"}");
    shell.server.answer(
        "GET /health/ready",
        503,
        "{\"code\":\"not_ready\",\"reasons\":[\"c1: no \\\"leader\\\"\"]}");
    shell.server.answer("GET /cluster", 200, "{\"clusters\":[" + CLUSTER + "]}");
    shell.server.answer("GET /cluster/c1", 200, DESCRIBED);

    Ended ended = shell.run("status");
    Ended json = shell.run("status", "--json");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.out())
        .contains(
            """
            not ready: c1: no "leader"

            CLUSTER  BROKER  STATE    LEADS  TOPICS  WITHOUT LEADER
            c1            1  running      1       1               1
            c1            2  stopped      0
            """);
    assertThat(json.exitCode()).isEqualTo(1);
    assertThat(json.out())
        .contains("\"ready\":false,\"reasons\":[\"c1: no \\\"leader\\\"\"]")
        .endsWith("\"clusters\":[" + DESCRIBED + "]}\n");
  }

  @Test
  void statusSucceedsIfTheServerIsReady() {
    shell.server.answer("GET /health/live", 200, "{\"status\":\"live\"}");
    shell.server.answer("GET /health/ready", 200, "{\"status\":\"ready\"}");
    shell.server.answer("GET /cluster", 200, "{\"clusters\":[]}");

    Ended ended = shell.run("status");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out()).contains("LIVE  READY", "yes   yes");
  }
}
