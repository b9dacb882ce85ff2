package io.ottla.torture.damage;

import io.ottla.torture.damage.DamageCase.Done;
import io.ottla.torture.damage.DamageCase.Result;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.run.Run;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Damages of every kind to every kind of file of a small deployment, several at a start where they
 * do not touch each other. When a start fails, each of its damages is tried alone, so that the one
 * to blame is known. One owner.
 */
public final class DamageAttack {
  private static final int SAY_EVERY = 20;

  /** Bounds the time that a thoroughly broken server takes. */
  private static final int MOST_TRIED_ALONE = 60;

  private final Run run;
  private final int damages;
  private final Duration atMost;
  private int triedAlone;

  /**
   * @param damages how many at least
   * @param atMost no case is begun after so long
   */
  public DamageAttack(Run run, int damages, Duration atMost) {
    this.run = run;
    this.damages = damages;
    this.atMost = atMost;
  }

  /** Runs to its end; what was found is in the run's findings. */
  public void attack() throws IOException, InterruptedException {
    long startedNanos = System.nanoTime();
    DamageTable table = new DamageTable();
    int cases = 0;
    try (Workspace workspace = run.workspace()) {
      BaseDeployment base = BaseDeployment.make(workspace, run.seed(), run.random().split());
      DamagePlan plan = new DamagePlan(workspace, base, run.random().split());
      while (table.total() < damages && System.nanoTime() - startedNanos < atMost.toNanos()) {
        DamageCase next = plan.next();
        if (!next.done().isEmpty()) {
          judge(workspace, plan, next, table);
          cases++;
          if (cases % SAY_EVERY == 0) {
            Run.say("%d damages in %d starts", table.total(), cases);
          }
        }
        next.remove(workspace);
      }
    }
    table.print();
    if (table.total() < damages) {
      run.findings()
          .add(
              Anomaly.NOT_DONE,
              "%d damages of %d within %s".formatted(table.total(), damages, atMost));
    }
    Run.say("damages: %d in %d starts", table.total(), cases);
  }

  private void judge(Workspace workspace, DamagePlan plan, DamageCase next, DamageTable table)
      throws IOException, InterruptedException {
    plan.remember(next);
    Result result = next.judge(workspace);
    if (result instanceof Result.Failed failed) {
      Run.say("case %d, %s, fails: %s", next.number(), next.mode().title(), failed.what());
      List<Done> blamed = blame(workspace, plan, next);
      table.add(next, result, blamed);
      String word =
          "case %d, %s, %s: %s"
              .formatted(next.number(), next.mode().title(), blamed, failed.what());
      Run.say("%s", word);
      run.findings().add(Anomaly.NOT_HEALED, word);
    } else {
      table.add(next, result, List.of());
    }
  }

  /** Those that fail alone; all of them if none does. */
  private List<Done> blame(Workspace workspace, DamagePlan plan, DamageCase failed)
      throws IOException, InterruptedException {
    List<Done> blamed = new ArrayList<>();
    boolean alone = failed.done().size() == 1 || failed.mode() == DamageCase.Mode.TWO;
    for (Done one : alone ? List.<Done>of() : failed.done()) {
      if (triedAlone++ < MOST_TRIED_ALONE) {
        DamageCase again = plan.alone(failed, List.of(one));
        if (again.judge(workspace) instanceof Result.Failed) {
          blamed.add(one);
        }
        again.remove(workspace);
      }
    }
    return blamed.isEmpty() ? failed.done() : blamed;
  }
}
