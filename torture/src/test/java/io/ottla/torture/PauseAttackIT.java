package io.ottla.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ottla.torture.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./ottla torture --faults pause}: SIGSTOP, and SIGCONT after a while. */
class PauseAttackIT {
  private static final List<Duration> PAUSES = List.of(Duration.ofSeconds(4));

  @TempDir private Path directory;

  @Test
  void aProcessThatStoodStillGoesOn() throws IOException, InterruptedException {
    Run run = Run.of(Long.getLong("ottla.seed", System.nanoTime()), directory, false);

    boolean possible = new PauseAttack(run, PAUSES).attack();

    assumeThat(possible).as("a process can be stopped by a signal here").isTrue();
    assertThat(run.findings().lines()).as("seed %d", run.seed()).isEmpty();
  }
}
