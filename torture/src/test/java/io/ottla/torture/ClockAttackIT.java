package io.ottla.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.torture.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./ottla torture --faults clock}: one jump, and a start in 1970. */
class ClockAttackIT {
  private static final int JUMPS = 2;

  @TempDir private Path directory;

  @Test
  void aClockThatJumpsDeletesNothing() throws IOException, InterruptedException {
    Run run = Run.of(Long.getLong("ottla.seed", System.nanoTime()), directory, false);

    new ClockAttack(run, JUMPS).attack();

    assertThat(run.findings().lines()).as("seed %d", run.seed()).isEmpty();
  }
}
