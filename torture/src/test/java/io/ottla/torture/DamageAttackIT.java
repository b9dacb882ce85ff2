package io.ottla.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.torture.damage.DamageAttack;
import io.ottla.torture.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./ottla torture --faults damage}: four starts or so. */
class DamageAttackIT {
  private static final int DAMAGES = 24;

  @TempDir private Path directory;

  @Test
  void whateverIsDamagedIsFoundAndHealed() throws IOException, InterruptedException {
    Run run = Run.of(Long.getLong("ottla.seed", System.nanoTime()), directory, false);

    new DamageAttack(run, DAMAGES, Duration.ofMinutes(30)).attack();

    assertThat(run.findings().lines()).as("seed %d", run.seed()).isEmpty();
  }
}
