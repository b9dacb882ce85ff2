package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AppendTimesTest {
  private static final long YEAR = 365L * 24 * 3600 * 1000;

  private final AtomicLong nowMs = new AtomicLong(1_000_000_000);
  private final AppendTimes times = new AppendTimes(() -> Instant.ofEpochMilli(nowMs.get()));

  @Test
  void neverGoBackBehindWhatWasApplied() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long last = Long.MIN_VALUE;
    for (int i = 0; i < 10_000; i++) {
      nowMs.addAndGet(random.nextLong(-1_000, 1_050));

      long next = times.next();

      assertThat(next).as("seed=%d", seed).isGreaterThanOrEqualTo(last);
      times.applied(next);
      last = next;
    }
  }

  @Test
  void areNotDraggedAlongByATimeOfAWrongYear() {
    times.applied(nowMs.get() + YEAR);

    assertThat(times.next()).isEqualTo(nowMs.get());
    times.applied(nowMs.get());
    nowMs.addAndGet(-1_000);
    assertThat(times.next()).isEqualTo(nowMs.get() + 1_000);
  }
}
