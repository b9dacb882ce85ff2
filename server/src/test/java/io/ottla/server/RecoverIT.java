package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./ottla recover} as a process beside a server's data: what its options do. */
class RecoverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int EVENTS = 30;

  @TempDir private Path directory;

  @Test
  void itShowsFirstAndOneReplicaBecomesAllOfThemWhereNothingElseHelps()
      throws IOException, InterruptedException {
    var server = new TestServer(directory);
    ServerProcess running = server.start();
    try (Api api = new Api(running.url(), PATIENCE)) {
      api.post("/cluster", Api.object().put("name", "c1")).expect(201);
      api.post("/topic", Api.object().put("name", "t").put("partitions", 3)).expect(201);
      for (int i = 0; i < EVENTS; i++) {
        api.post("/events", Api.object().put("topic", "t").put("value", i)).expect(201);
      }

      TestServer.Ended beside = recover(server);
      assertThat(beside.exitCode()).isEqualTo(1);
      assertThat(beside.printed()).contains("cannot recover").doesNotContain("\tat ");
    } finally {
      running.terminate(PATIENCE);
    }

    assertThat(recover(server).printed()).contains("c1");
    assertThat(recover(server, "--cluster", "c1", "--group", "1").exitCode()).isEqualTo(2);
    TestServer.Ended well = salvage(server, 1);
    assertThat(well.exitCode()).isEqualTo(1);
    assertThat(well.printed()).contains("nothing has to be given up");

    deleteTree(server.dataDirectory().resolve("c1/broker-2/raft"));
    deleteTree(server.dataDirectory().resolve("c1/broker-3/raft"));
    TestServer.Ended shown = salvage(server, 1);
    assertThat(shown.exitCode()).as(shown.printed()).isZero();
    assertThat(shown.printed()).contains("group 1 of cluster c1").contains("with --execute");
    TestServer.Ended both =
        recover(server, "--cluster", "c1", "--group", "1", "--all-groups", "--from-broker", "1");
    assertThat(both.exitCode()).as(both.printed()).isEqualTo(2);
    String[] all = {"--cluster", "c1", "--all-groups", "--from-broker", "1"};
    TestServer.Ended allShown = recover(server, all);
    assertThat(allShown.exitCode()).as(allShown.printed()).isZero();
    assertThat(allShown.printed()).contains("group 3 of cluster c1").contains("with --execute");
    TestServer.Ended fromNobody =
        recover(server, "--cluster", "c1", "--all-groups", "--from-broker", "9");
    assertThat(fromNobody.exitCode()).as(fromNobody.printed()).isEqualTo(1);
    all = Stream.concat(Stream.of(all), Stream.of("--execute")).toArray(String[]::new);
    TestServer.Ended done = recover(server, all);
    assertThat(done.exitCode()).as(done.printed()).isZero();

    ServerProcess again = server.start();
    try (Api api = new Api(again.url(), PATIENCE)) {
      TestServer.awaitReady(again, api);
      int read = 0;
      for (int partition = 0; partition < 3; partition++) {
        String path = "/events?topic=t&offset=0&max_events=100&partition=" + partition;
        read += api.get(path).expect(200).path("events").size();
      }
      assertThat(read).isEqualTo(EVENTS);
    } finally {
      again.terminate(PATIENCE);
    }
  }

  private static TestServer.Ended salvage(TestServer server, int group)
      throws IOException, InterruptedException {
    return server.recover(salvaging(server, group));
  }

  private static String[] salvaging(TestServer server, int group) {
    List<String> arguments =
        new ArrayList<>(List.of("--data-dir", server.dataDirectory().toString()));
    arguments.addAll(
        List.of("--cluster", "c1", "--group", Integer.toString(group), "--from-broker", "1"));
    return arguments.toArray(String[]::new);
  }

  private static void deleteTree(Path path) throws IOException {
    assertThat(path).isDirectory();
    new SystemDisk().deleteTree(path);
  }

  private static TestServer.Ended recover(TestServer server, String... more)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(List.of("--data-dir", server.dataDirectory().toString()));
    arguments.addAll(List.of(more));
    return server.recover(arguments.toArray(String[]::new));
  }
}
