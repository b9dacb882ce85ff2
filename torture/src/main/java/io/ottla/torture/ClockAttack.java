package io.ottla.torture;

import io.ottla.torture.clock.WallClock;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.load.Workload;
import io.ottla.torture.run.Run;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A wall clock that jumps under a loaded server, by days and by years, forwards and back, and is in
 * 1970 at one of its starts; with a kill at half of the jumps. One owner.
 */
public final class ClockAttack {
  /** Retention is looked at every few seconds: a jump must last longer. */
  private static final int AT_LEAST_MILLIS = 6_500;

  private static final int AT_MOST_MILLIS = 9_000;
  private static final List<Integer> DAYS = List.of(1, 8, 365, -1, -8, -365);

  private final Run run;
  private final int jumps;
  private int kills;

  /**
   * @param jumps how many, at most seven; the last is a start in 1970
   */
  public ClockAttack(Run run, int jumps) {
    this.run = run;
    this.jumps = jumps;
  }

  /** Runs to its end; what was found is in the run's findings. */
  public void attack() throws IOException, InterruptedException {
    try (Workspace workspace = run.workspace()) {
      WallClock clock = WallClock.create(workspace.directory());
      LoadedServer loaded =
          LoadedServer.start(run, workspace, Workload.Size.normal(), List.of(clock.jvmOption()));
      try {
        loaded.workload().site().enough(0);
        List<Duration> shifts = shifts();
        for (Duration shift : shifts) {
          jump(loaded, clock, shift);
        }
        clock.shiftBy(Duration.ZERO);
        loaded.awaitAcked(Long.MAX_VALUE, Duration.ofSeconds(2));
        loaded.judge();
        Set<Duration> unseen = new HashSet<>(shifts);
        unseen.removeAll(WallClock.shifts(Files.readString(loaded.server().log())));
        if (!unseen.isEmpty()) {
          run.findings().add(Anomaly.NOT_DONE, "the server never saw its clock off by " + unseen);
        }
        Run.say(
            "clock: %d jumps, of which the server saw %d; %d kill -9",
            shifts.size(), shifts.size() - unseen.size(), kills);
        loaded.report();
      } finally {
        loaded.end();
      }
    }
  }

  /** Every jump once, in any order; then 1970. */
  private List<Duration> shifts() {
    List<Duration> shifts = new ArrayList<>();
    List<Integer> left = new ArrayList<>(DAYS);
    while (shifts.size() < jumps - 1 && !left.isEmpty()) {
      shifts.add(Duration.ofDays(left.remove(/* index */ run.random().nextInt(left.size()))));
    }
    shifts.add(Duration.ofMillis(60_000 - System.currentTimeMillis()));
    return shifts;
  }

  private void jump(LoadedServer loaded, WallClock clock, Duration shift)
      throws IOException, InterruptedException {
    boolean in1970 = shift.toDays() < -10_000;
    boolean kill = in1970 || run.random().nextBoolean();
    if (kill && (in1970 || run.random().nextBoolean())) {
      loaded.kill();
      clock.shiftBy(shift);
      loaded.restart();
      kills++;
      kill = false;
    } else {
      clock.shiftBy(shift);
    }
    loaded.awaitAcked(Long.MAX_VALUE, run.time(AT_LEAST_MILLIS, AT_MOST_MILLIS));
    if (kill) {
      loaded.kill();
      loaded.restart();
      kills++;
    }
    loaded.workload().lookAtCommits();
    Run.say("the clock was %d days off", shift.toDays());
  }
}
