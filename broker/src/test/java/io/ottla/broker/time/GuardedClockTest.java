package io.ottla.broker.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardedClockTest {
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long YEAR = Duration.ofDays(365).toMillis();
  private static final long BEGIN = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  /** The true time, and a wall clock that is off by so much. */
  private static final class World implements TimeSource {
    private long trueMs = BEGIN;
    private long errorMs;
    private double drift;

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis());
    }

    @Override
    public long millis() {
      return trueMs + errorMs;
    }

    @Override
    public long nanoTime() {
      long countedMs = (long) ((trueMs - BEGIN) * (1 + drift));
      return countedMs * 1_000_000 + Long.MAX_VALUE - YEAR;
    }

    void pass(long ms) {
      trueMs += ms;
    }
  }

  private final World world = new World();

  private GuardedClock fresh() {
    return GuardedClock.start(world, Optional.empty());
  }

  private GuardedClock after(GuardedClock before) {
    return GuardedClock.start(world, Optional.of(before.history()));
  }

  @Test
  void aJumpForwardAgesNothingAndItsReturnLeavesNothingChanged() {
    GuardedClock clock = fresh();
    long at = clock.millis();
    world.pass(HOUR);

    world.errorMs = YEAR;
    assertThat(clock.ageMs(at)).isEqualTo(HOUR);
    long meanwhile = clock.millis();
    world.pass(DAY);
    world.errorMs = 0;

    assertThat(clock.ageMs(at)).isEqualTo(DAY + HOUR);
    assertThat(clock.ageMs(meanwhile)).isEqualTo(DAY);
    assertThat(clock.wallAhead()).isZero();
  }

  @Test
  void whatWasAppendedInAWrongYearGetsAsOldAsAnythingElse() {
    world.errorMs = -BEGIN; // 1970
    GuardedClock clock = fresh();
    long at = clock.millis();
    world.pass(MINUTE);
    world.errorMs = 0;
    world.pass(7 * DAY - 2 * MINUTE);

    assertThat(clock.ageMs(at)).isEqualTo(7 * DAY - MINUTE);
    long lateMs = clock.millis();
    world.pass(HOUR);
    GuardedClock next = after(clock);
    assertThat(next.ageMs(at)).isEqualTo(7 * DAY - MINUTE + HOUR);
    assertThat(next.ageMs(lateMs)).isEqualTo(HOUR);
  }

  @Test
  void threeWeeksOffCountAfterAHundredthOfThem() {
    GuardedClock before = fresh();
    long at = before.millis();
    world.pass(HOUR);
    ClockHistory history = before.history();
    world.pass(21 * DAY);
    GuardedClock clock = GuardedClock.start(world, Optional.of(history));
    long fresh = clock.millis();

    assertThat(clock.ageMs(at)).isEqualTo(HOUR);
    assertThat(clock.notBelieved()).isEqualTo(Duration.ofDays(21));
    world.pass(21 * DAY / 100 - MINUTE);
    assertThat(clock.ageMs(at)).isLessThan(DAY);
    world.pass(MINUTE);

    assertThat(clock.ageMs(at)).isEqualTo(HOUR + 21 * DAY + 21 * DAY / 100);
    assertThat(clock.ageMs(fresh)).as("in this process").isEqualTo(21 * DAY / 100);
    assertThat(clock.notBelieved()).isZero();
    world.errorMs = -YEAR;
    assertThat(clock.ageMs(at)).as("believed for good").isGreaterThan(21 * DAY);
  }

  @Test
  void aStartAtAWrongTimeIsRefutedWhenTheClockIsSetRight() {
    GuardedClock before = fresh();
    long at = before.millis();
    ClockHistory history = before.history();
    world.pass(HOUR);
    world.errorMs = YEAR;
    GuardedClock clock = GuardedClock.start(world, Optional.of(history));
    world.pass(9 * MINUTE);
    world.errorMs = 0;

    assertThat(clock.ageMs(at)).isEqualTo(9 * MINUTE);
    world.errorMs = YEAR;
    world.pass(30 * DAY);
    assertThat(clock.ageMs(at)).as("it does not come back").isEqualTo(30 * DAY + 9 * MINUTE);
    world.errorMs = 0;
    assertThat(after(clock).ageMs(at)).isEqualTo(30 * DAY + 9 * MINUTE);
  }

  @Test
  void withoutAHistoryAnAgeIsBelievedAfterAHundredthOfIt() {
    long longAgo = BEGIN - 8 * DAY;
    long recently = BEGIN - HOUR;
    GuardedClock clock = fresh();

    assertThat(clock.ageMs(longAgo)).isZero();
    assertThat(clock.ageMs(Long.MIN_VALUE)).isZero();
    assertThat(clock.ageMs(Long.MAX_VALUE)).isNegative();
    world.pass(10 * MINUTE);
    assertThat(clock.ageMs(recently)).isEqualTo(HOUR + 10 * MINUTE);
    assertThat(clock.ageMs(longAgo)).isEqualTo(10 * MINUTE);
    world.pass(8 * DAY / 100);
    assertThat(clock.ageMs(longAgo)).isEqualTo(8 * DAY + 8 * DAY / 100 + 10 * MINUTE);
  }

  private record Event(long trueMs, long atMs) {}

  /**
   * Lives of a server under a wall clock that jumps at will while it runs, and is wrong at some
   * starts, but then set right within nine minutes of running.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void nothingGoesBeforeItsTimeUnderARandomWallClock(int kind) {
    for (int run = 0; run < 100; run++) {
      long seed = System.nanoTime() + run;
      new Walk(seed, false).run(kind);
    }
  }

  @Test
  void everythingGoesInTimeUnderAnHonestWallClock() {
    for (int run = 0; run < 200; run++) {
      new Walk(System.nanoTime() + run, true).run(1);
    }
  }

  private static final class Walk {
    private final long seed;
    private final Random random;
    private final boolean honest;
    private final World world = new World();
    private final List<Event> kept = new ArrayList<>();
    private GuardedClock clock;
    private long retentionMs;
    private long lastMs = Long.MIN_VALUE;
    private int starts = 1;
    private int gone;

    Walk(long seed, boolean honest) {
      this.seed = seed;
      this.random = new Random(seed);
      this.honest = honest;
    }

    void run(int kind) {
      retentionMs = new long[] {HOUR, DAY, 7 * DAY, 30 * DAY}[kind];
      world.drift = (random.nextDouble() - 0.5) * 4e-4;
      clock = GuardedClock.start(world, Optional.empty());
      for (int life = 0; life < 12; life++) {
        live();
        restart();
      }
      assertThat(honest && gone == 0 && retentionMs <= DAY).as("seed=%d", seed).isFalse();
    }

    private void live() {
      long sinceMs = world.trueMs;
      long longestGapMs = clock.notBelieved().toMillis();
      int steps = 5 + random.nextInt(60);
      for (int step = 0; step < steps; step++) {
        world.pass(1 + random.nextLong(retentionMs / 10));
        if (!honest && random.nextInt(3) == 0) {
          long sign = random.nextBoolean() ? 1 : -1;
          world.errorMs =
              random.nextInt(3) == 0
                  ? 0
                  : sign * (long) Math.pow((double) YEAR, random.nextDouble());
        }
        append();
        long ranMs = world.trueMs - sinceMs;
        delete(ranMs > Math.max(11 * MINUTE, longestGapMs / 90));
      }
    }

    private void append() {
      long now = clock.millis();
      assertThat(now).as("seed=%d", seed).isGreaterThanOrEqualTo(lastMs);
      lastMs = now;
      kept.add(new Event(world.trueMs, now));
    }

    private void delete(boolean allIsBelieved) {
      long toleranceMs = retentionMs / 1000 + starts * (MINUTE + 1);
      for (Event event : List.copyOf(kept)) {
        long trueAgeMs = world.trueMs - event.trueMs();
        if (clock.ageMs(event.atMs()) > retentionMs) {
          assertThat(trueAgeMs)
              .as("too early: seed=%d", seed)
              .isGreaterThan(retentionMs - toleranceMs);
          kept.remove(event);
          gone++;
        } else if (honest && allIsBelieved) {
          assertThat(trueAgeMs)
              .as("too late: seed=%d", seed)
              .isLessThanOrEqualTo(retentionMs + toleranceMs + trueAgeMs / 1000);
        }
      }
    }

    private void restart() {
      starts++;
      if (!honest) {
        world.errorMs = random.nextBoolean() ? 0 : random.nextLong(YEAR);
      }
      ClockHistory history = clock.history();
      boolean wasAhead = world.errorMs > 0;
      world.pass(random.nextLong(random.nextInt(4) == 0 ? 30 * DAY : HOUR));
      boolean wrong = !honest && random.nextInt(3) == 0;
      world.errorMs = wrong ? random.nextLong(-YEAR, YEAR) : 0;
      clock = GuardedClock.start(world, Optional.of(history));
      if (wrong || wasAhead) {
        world.pass(random.nextLong(9 * MINUTE));
        append();
        delete(false);
        world.errorMs = Math.min(0, world.errorMs);
      }
    }
  }

  @Test
  void itsFileGivesBackWhatWasKept(@TempDir Path directory) throws IOException {
    ClockFile file = new ClockFile(new SystemDisk(), directory.resolve("clock"));
    assertThat(file.read()).isEmpty();
    ClockHistory history =
        new ClockHistory(
            BEGIN,
            BEGIN + 5,
            List.of(new Gap(Long.MIN_VALUE, 7, 8, false), new Gap(9, 10, 11, true)));

    file.write(history);

    assertThat(file.read()).contains(history);
    byte[] bytes = Files.readAllBytes(file.path());
    for (int i = 0; i < bytes.length; i++) {
      byte[] flipped = bytes.clone();
      flipped[i] ^= 4;
      Files.write(file.path(), flipped);
      assertThat(file.read()).as("byte %d", i).isEmpty();
      Files.write(file.path(), Arrays.copyOf(bytes, i));
      assertThat(file.read()).as("cut to %d", i).isEmpty();
    }
  }
}
