package io.ottla.torture;

import io.ottla.torture.history.Anomaly;
import io.ottla.torture.load.Workload;
import io.ottla.torture.run.Run;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The whole process stands still for a while under load, as a suspended machine does, and goes on.
 * One owner.
 */
public final class PauseAttack {
  private static final Duration BETWEEN = Duration.ofSeconds(3);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(2);
  private static final Duration FIRST_ACK_WITHIN = Duration.ofSeconds(30);

  private final Run run;
  private final List<Duration> pauses;

  public PauseAttack(Run run, List<Duration> pauses) {
    this.run = run;
    this.pauses = List.copyOf(pauses);
  }

  /**
   * Runs to its end; what was found is in the run's findings.
   *
   * @return false if this machine has no signals that stop a process, or does not show its state
   */
  public boolean attack() throws IOException, InterruptedException {
    boolean canSignal =
        Files.isExecutable(Path.of("/bin/kill")) || Files.isExecutable(Path.of("/usr/bin/kill"));
    if (!canSignal || !Files.isReadable(Path.of("/proc/self/stat"))) {
      return false;
    }
    try (Workspace workspace = run.workspace()) {
      LoadedServer loaded = LoadedServer.start(run, workspace, Workload.Size.normal(), List.of());
      try {
        for (Duration pause : pauses) {
          loaded.awaitAcked(Long.MAX_VALUE, BETWEEN);
          pause(loaded, pause);
        }
        loaded.awaitAcked(Long.MAX_VALUE, BETWEEN);
        loaded.judge();
        Run.say("pauses: %d", pauses.size());
        loaded.report();
      } finally {
        loaded.end();
      }
    }
    return true;
  }

  private void pause(LoadedServer loaded, Duration time) throws IOException, InterruptedException {
    long pid = loaded.server().pid();
    signal("-STOP", pid);
    try {
      if (!standsStill(Path.of("/proc/" + pid + "/stat"))) {
        run.findings().add(Anomaly.UNEXPECTED_ANSWER, "the process did not stand still");
      }
      loaded.awaitAcked(Long.MAX_VALUE, time);
    } finally {
      signal("-CONT", pid);
    }
    long before = loaded.history().ackedCount();
    long startedNanos = System.nanoTime();
    if (!loaded.awaitAcked(before + 1, FIRST_ACK_WITHIN)) {
      run.findings().add(Anomaly.NOT_HEALED, "nothing is acked after a pause of " + time);
    }
    Run.say(
        "stood still for %d s, the next event was acked %.2f s after it",
        time.toSeconds(), (System.nanoTime() - startedNanos) / 1e9);
  }

  /** The signal reaches a busy process' threads a moment later. */
  private static boolean standsStill(Path status) throws IOException {
    long deadline = System.nanoTime() + STOPPED_WITHIN.toNanos();
    while (!Files.readString(status).contains(") T ")) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(5_000_000);
    }
    return true;
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", name, Long.toString(pid)).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("kill " + name + " " + pid + " ended with " + code);
    }
  }
}
