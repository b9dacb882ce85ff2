package io.ottla.torture.run;

import io.ottla.torture.history.Findings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What every attack needs. One owner.
 *
 * @param random makes every choice; made from the seed
 * @param directory below which the run makes its own
 * @param keep whether that one stays
 * @param brokers how many the attacked cluster has
 */
public record Run(
    long seed,
    SplittableRandom random,
    Findings findings,
    Path directory,
    boolean keep,
    int brokers) {
  /** A run whose choices follow from the seed. */
  public static Run of(long seed, Path directory, boolean keep) {
    return new Run(seed, new SplittableRandom(seed), new Findings(), directory, keep, 3);
  }

  /** The same with another number of brokers than three. */
  public Run with(int number) {
    return new Run(seed, random, findings, directory, keep, number);
  }

  public Workspace workspace() throws IOException {
    return Workspace.create(directory, keep);
  }

  /** A line of the report. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
  public static void say(String format, Object... arguments) {
    System.out.println(String.format(Locale.ROOT, format, arguments));
  }

  public static double seconds(Duration time) {
    return time.toMillis() / 1e3;
  }

  /** A time at random, from {@code minMillis} to {@code maxMillis}. */
  public Duration time(int minMillis, int maxMillis) {
    return Duration.ofMillis(random.nextInt(minMillis, maxMillis + 1));
  }
}
