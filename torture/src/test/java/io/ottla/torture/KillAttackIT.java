package io.ottla.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.torture.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./ottla torture --faults kill}. */
class KillAttackIT {
  private static final int KILLS = 3;
  private static final int EVENTS = 10_000;
  private static final Duration AT_MOST = Duration.ofMinutes(30);

  @TempDir private Path directory;

  @Test
  void nothingIsLostByKillsUnderMixedLoad() throws IOException, InterruptedException {
    attack(3, new KillAttack.Goal(KILLS, EVENTS, AT_MOST));
  }

  @Test
  void nothingIsLostByKillsOfTheOnlyBroker() throws IOException, InterruptedException {
    attack(1, new KillAttack.Goal(1, EVENTS / 5, AT_MOST));
  }

  private void attack(int brokers, KillAttack.Goal goal) throws IOException, InterruptedException {
    Run run = Run.of(Long.getLong("ottla.seed", System.nanoTime()), directory, false).with(brokers);

    new KillAttack(run, goal).attack();

    assertThat(run.findings().lines()).as("anomalies, seed %d", run.seed()).isEmpty();
  }
}
