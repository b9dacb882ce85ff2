package io.ottla.torture;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.load.Workload;
import io.ottla.torture.run.Run;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * {@code kill -9} of the server at random moments under load: while it serves, while it starts and
 * recovers, while one of its brokers is crashed. One owner.
 */
public final class KillAttack {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Run run;
  private final int kills;
  private final long events;
  private final Duration atMost;
  private int killed;
  private int killedStarting;
  private int brokerCrashes;

  /**
   * When it is enough.
   *
   * @param kills how many at least
   * @param events how many are to be acked at least
   * @param atMost no round is begun after so long
   */
  public record Goal(int kills, long events, Duration atMost) {}

  public KillAttack(Run run, Goal goal) {
    this.run = run;
    this.kills = goal.kills();
    this.events = goal.events();
    this.atMost = goal.atMost();
  }

  /** Runs to its end; what was found is in the run's findings. */
  public void attack() throws IOException, InterruptedException {
    try (Workspace workspace = run.workspace()) {
      LoadedServer loaded = LoadedServer.start(run, workspace, Workload.Size.normal(), List.of());
      try {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (System.nanoTime() < deadline && !isEnough(loaded)) {
          round(loaded);
        }
        loaded.judge();
        if (!isEnough(loaded)) {
          run.findings()
              .add(
                  Anomaly.NOT_DONE,
                  "%d kills of %d and %,d events acked of %,d within %s"
                      .formatted(
                          killed + killedStarting,
                          kills,
                          loaded.history().ackedCount(),
                          events,
                          atMost));
        }
        Run.say(
            "kill -9: %d while it served, %d while it started or recovered; %d brokers crashed",
            killed, killedStarting, brokerCrashes);
        loaded.report();
      } finally {
        loaded.end();
      }
    }
  }

  private boolean isEnough(LoadedServer loaded) {
    return killed + killedStarting >= kills && loaded.history().ackedCount() >= events;
  }

  /** The load of a round's share of the events; then a kill, or several. */
  private void round(LoadedServer loaded) throws IOException, InterruptedException {
    int done = killed + killedStarting;
    long share = done < kills ? events * (done + 1) / kills : events;
    loaded.workload().site().enough(share + events / kills);
    if (!loaded.awaitAcked(Math.max(share, loaded.history().ackedCount() + 1), PATIENCE)) {
      Run.say("kill %d: only %,d events are acked", done, loaded.history().ackedCount());
    }
    boolean crash = run.random().nextInt(10) == 0;
    if (crash) {
      crashBroker(loaded);
    }
    if (run.random().nextInt(3) > 0) {
      loaded.awaitAcked(Long.MAX_VALUE, run.time(0, 700));
    }
    loaded.kill();
    killed++;
    while (run.random().nextInt(5) == 0) {
      killedStarting += loaded.server().killWhileStarting(run.time(50, 3_000)) ? 1 : 0;
    }
    loaded.restart();
    if (killed % 10 == 0) {
      Run.say(
          "%d kills, %,d events acked, ready after %.1f s",
          killed + killedStarting,
          loaded.history().ackedCount(),
          Run.seconds(loaded.readyTimes().getLast()));
    }
  }

  /** As if its machine were lost; half of the time it is back before the kill. */
  private void crashBroker(LoadedServer loaded) throws IOException, InterruptedException {
    int number = 1 + run.random().nextInt(run.brokers());
    String broker = "/cluster/" + Workload.CLUSTER + "/brokers/" + number;
    Api api = loaded.workload().site().api();
    Api.Reply reply = api.post(broker + "/stop", Api.object().put("mode", "crash"));
    if (reply.status() != 200) {
      run.findings().add(Anomaly.UNEXPECTED_ANSWER, broker + "/stop: " + reply);
      return;
    }
    brokerCrashes++;
    loaded.awaitAcked(Long.MAX_VALUE, run.time(200, 3_000));
    if (run.random().nextBoolean()) {
      api.post(broker + "/start", Api.object());
      loaded.awaitAcked(Long.MAX_VALUE, run.time(0, 1_500));
    }
  }
}
