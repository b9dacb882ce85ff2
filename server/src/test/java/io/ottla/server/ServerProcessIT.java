package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** How the process starts, refuses to start, and stops. */
@Isolated("it measures how long something takes")
class ServerProcessIT {
  private TestServer fixture;
  private ServerProcess server;

  @TempDir private Path directory;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    fixture = new TestServer(directory);
    server = fixture.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void aSecondProcessOnTheSameDirectoryIsRefused() throws IOException, InterruptedException {
    try (Api api = new Api(server.url(), Duration.ofSeconds(20))) {
      api.post("/cluster", Api.object().put("name", "c1")).expect(201);
      api.post("/topic", Api.object().put("name", "t")).expect(201);

      var second =
          fixture.runToItsEnd("--port", "0", "--data-dir", fixture.dataDirectory().toString());

      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.printed())
          .contains(fixture.dataDirectory().toString())
          .contains("in use")
          .doesNotContain("\tat ");
      api.post("/events", Api.object().put("topic", "t").put("value", 1)).expect(201);
    }
  }

  /** Leaders go home before a server says that it is ready, not behind it. */
  @Test
  void aServerThatSaysThatItIsReadyStaysSo() throws IOException, InterruptedException {
    try (Api api = new Api(server.url(), Duration.ofSeconds(20))) {
      api.post("/cluster", Api.object().put("name", "c1")).expect(201);
    }
    for (int restart = 0; restart < 3; restart++) {
      server.kill();
      server = fixture.start();
      try (Api api = new Api(server.url(), Duration.ofSeconds(20))) {
        long startedNanos = System.nanoTime();
        while (System.nanoTime() - startedNanos < TimeUnit.MILLISECONDS.toNanos(500)) {
          Api.Reply ready = api.get("/health/ready");
          if (ready.status() != 200) {
            fail(ready.body() + "\n" + Files.readString(server.log()));
          }
        }
      }
    }
  }

  @Test
  void aTakenPortIsNamed() throws IOException, InterruptedException {
    String port = Integer.toString(server.url().getPort());

    var second =
        fixture.runToItsEnd("--port", port, "--data-dir", directory.resolve("other").toString());

    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.printed()).contains("port " + port).doesNotContain("\tat ");
    assertThat(directory.resolve("other")).doesNotExist();
  }

  @Test
  void sigtermEndsItCleanlyAndNothingIsLost() throws IOException, InterruptedException {
    try (Api api = new Api(server.url(), Duration.ofSeconds(20))) {
      api.post("/cluster", Api.object().put("name", "c1")).expect(201);
      api.post("/topic", Api.object().put("name", "t")).expect(201);
      api.post("/events", Api.object().put("topic", "t").put("key", "k").put("value", "kept"))
          .expect(201);
    }

    assertThat(server.terminate(Duration.ofSeconds(10))).contains(0);

    server = fixture.start();
    try (Api api = new Api(server.url(), Duration.ofSeconds(20))) {
      var _ = TestServer.awaitReady(server, api);
      assertThat(TopicReader.readAll(api, "t").values())
          .anySatisfy(values -> assertThat(values).containsOnly(Map.entry(0L, "kept")));
    }
  }
}
