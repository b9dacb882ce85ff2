package io.ottla.torture;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.history.History;
import io.ottla.torture.history.ReplicaFiles;
import io.ottla.torture.load.Workload;
import io.ottla.torture.run.AttackedServer;
import io.ottla.torture.run.Run;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A cluster under mixed load, and its judgement at the end: what most attacks work on. One owner,
 * the attacker.
 */
public final class LoadedServer {
  private static final Map<String, Integer> TOPICS = Map.of("orders", 3, "visits", 2);
  private static final int SEGMENT_BYTES = 1 << 20;
  private static final Duration HEAL_WITHIN = Duration.ofSeconds(60);

  private final Run run;
  private final AttackedServer server;
  private final History history;
  private final Workload workload;
  private final List<Duration> readyTimes = new ArrayList<>();

  private LoadedServer(Run run, AttackedServer server, History history, Workload workload) {
    this.run = run;
    this.server = server;
    this.history = history;
    this.workload = workload;
  }

  /** Starts a server on an empty directory, makes topics, and starts the clients. */
  static LoadedServer start(
      Run run, Workspace workspace, Workload.Size size, List<String> jvmOptions)
      throws IOException, InterruptedException {
    AttackedServer server =
        new AttackedServer(workspace.directory(), workspace.resolve("data"), jvmOptions);
    History history = new History(run.seed(), run.findings());
    Workload workload = new Workload(history, TOPICS, size, run.random().split());
    LoadedServer loaded = new LoadedServer(run, server, history, workload);
    try {
      server.start();
      workload.site().serve(server.url());
      workload.create(run.brokers(), Api.object().put("segment_bytes", SEGMENT_BYTES));
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.kill();
      throw e;
    }
    workload.start();
    return loaded;
  }

  AttackedServer server() {
    return server;
  }

  History history() {
    return history;
  }

  Workload workload() {
    return workload;
  }

  List<Duration> readyTimes() {
    return readyTimes;
  }

  /** Kills it; a finding if it had ended by itself. */
  void kill() throws InterruptedException {
    if (!server.kill()) {
      run.findings().add(Anomaly.NOT_HEALED, "the server had ended before it was killed");
    }
  }

  /** Starts it again and looks that no commit is lost. */
  void restart() throws IOException, InterruptedException {
    readyTimes.add(server.start());
    workload.site().serve(server.url());
    workload.lookAtCommits();
  }

  /**
   * Waits until so many events are acked in all.
   *
   * @return whether they were in time
   */
  boolean awaitAcked(long events, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (history.ackedCount() < events) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(5_000_000);
    }
    return true;
  }

  /** Ends the load, waits for every replica, reads everything, compares the replicas' files. */
  public void judge() throws IOException, InterruptedException {
    workload.stop();
    List<String> topics = new ArrayList<>(workload.site().topics());
    topics.add("__consumer_offsets");
    server
        .awaitReplicas(topics, HEAL_WITHIN)
        .forEach(behind -> run.findings().add(Anomaly.NOT_HEALED, behind));
    workload.readAllAndJudge();
    if (!server.stop()) {
      run.findings().add(Anomaly.NOT_HEALED, "the server did not stop cleanly");
    }
    new ReplicaFiles(server.dataDirectory().resolve(Workload.CLUSTER), run.brokers(), TOPICS)
        .differences()
        .forEach(difference -> run.findings().add(Anomaly.DIVERGENCE, difference));
  }

  /** A line with the figures of the run. */
  public void report() {
    Run.say(
        "events: %,d acked, %,d refused, %,d unknown; %,d reads; %,d commits",
        history.ackedCount(),
        history.failedCount(),
        history.unknownCount(),
        history.readCount(),
        workload.commitCount());
    if (!readyTimes.isEmpty()) {
      List<Duration> sorted = readyTimes.stream().sorted().toList();
      Run.say(
          "ready after a start: p50 %.1f s, max %.1f s",
          Run.seconds(sorted.get(sorted.size() / 2)), Run.seconds(sorted.getLast()));
    }
  }

  /** Ends whatever still runs. */
  public void end() throws InterruptedException {
    workload.site().end();
    server.kill();
    workload.stop();
  }
}
