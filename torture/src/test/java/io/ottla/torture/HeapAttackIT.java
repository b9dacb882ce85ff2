package io.ottla.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.torture.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./ottla torture --faults heap}, on the only broker of a cluster. */
class HeapAttackIT {
  private static final int TIMES = 1;
  private static final int BROKERS = 1;

  @TempDir private Path directory;

  @Test
  void aFullHeapEndsTheProcessAndLosesNothing() throws IOException, InterruptedException {
    Run run = Run.of(Long.getLong("ottla.seed", System.nanoTime()), directory, false).with(BROKERS);

    new HeapAttack(run, TIMES).attack();

    assertThat(run.findings().lines()).as("seed %d", run.seed()).isEmpty();
  }
}
