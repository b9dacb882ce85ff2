package io.ottla.torture;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.history.Findings;
import io.ottla.torture.load.Workload;
import io.ottla.torture.run.Run;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * A server with an agent in it, under load until an anomaly is found that is looked for: a broker
 * is crashed, the server is killed once, and in the end everything is judged. Immutable.
 *
 * @param agentOption Java's option that brings the agent; {@code DATA} stands for the data
 *     directory
 * @param events how many are acked before each next step, or 20 s go by
 * @param sought the anomalies that end it early; others are noted only
 */
public record SeededRun(
    long seed, Path directory, String agentOption, long events, Set<Anomaly> sought) {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /**
   * What came of it.
   *
   * @param log what the server printed
   */
  public record Ended(Findings findings, String log) {}

  /**
   * Runs to its end.
   *
   * @throws IOException what the run itself met, not the checker: that convicts no bug
   */
  public Ended run() throws IOException, InterruptedException {
    Run run = Run.of(seed, directory, false);
    try (Workspace workspace = run.workspace()) {
      run(run, workspace);
      return new Ended(run.findings(), Files.readString(workspace.resolve("server.log")));
    }
  }

  private void run(Run run, Workspace workspace) throws IOException, InterruptedException {
    String option = agentOption.replace("DATA", workspace.resolve("data").toString());
    LoadedServer loaded =
        LoadedServer.start(run, workspace, Workload.Size.normal(), List.of(option));
    try {
      attack(run, loaded);
    } finally {
      loaded.end();
    }
  }

  private void attack(Run run, LoadedServer loaded) throws IOException, InterruptedException {
    if (found(run, loaded, events)) {
      return;
    }
    Api api = loaded.workload().site().api();
    String broker = "/cluster/" + Workload.CLUSTER + "/brokers/2";
    requireStopped(api.post(broker + "/stop", Api.object().put("mode", "crash")));
    if (found(run, loaded, loaded.history().ackedCount() + events)) {
      return;
    }
    loaded.server().kill();
    loaded.restart();
    if (!found(run, loaded, loaded.history().ackedCount() + events)) {
      loaded.judge();
    }
  }

  /** Looks that the answer says that broker 2 is stopped. */
  static void requireStopped(Api.Reply reply) throws IOException {
    JsonNode body = reply.expect(200);
    if (body.path("id").asInt(0) != 2 || !body.path("state").asString("").equals("stopped")) {
      throw new IOException("broker 2 is not stopped: " + body);
    }
  }

  /** Waits for so many events, or for an anomaly that is sought. */
  private boolean found(Run run, LoadedServer loaded, long acked) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!isFound(run) && loaded.history().ackedCount() < acked && System.nanoTime() < deadline) {
      LockSupport.parkNanos(10_000_000);
    }
    return isFound(run);
  }

  private boolean isFound(Run run) {
    return run.findings().counts().keySet().stream().anyMatch(sought::contains);
  }
}
