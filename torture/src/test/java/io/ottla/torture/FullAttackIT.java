package io.ottla.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ottla.torture.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The short form of {@code ./ottla torture --faults full}: a disk that is full once. It needs the
 * right to mount one; {@code FullDiskTest} of the broker needs none.
 */
class FullAttackIT {
  private static final int TIMES = 1;

  @TempDir private Path directory;

  @Test
  void aFullDiskIsWaitedOut() throws IOException, InterruptedException {
    Run run = Run.of(Long.getLong("ottla.seed", System.nanoTime()), directory, false);

    boolean possible = new FullAttack(run, TIMES).attack();

    assumeThat(possible).as("a disk can be mounted here").isTrue();
    assertThat(run.findings().lines()).as("seed %d", run.seed()).isEmpty();
  }
}
