package io.ottla.benchmarks;

import io.ottla.benchmarks.BenchTarget.Site;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./ottla bench tail}: how soon subscribers have what is published. */
@Command(
    name = "tail",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Measures the time from publishing an event to its arrival at every subscriber, at a fixed"
            + " rate.")
final class TailBench implements Callable<Integer> {
  @Mixin private BenchTarget target;

  @Option(
      names = "--rate",
      defaultValue = "5000",
      description =
          "Events per second, "
              + TailLoop.EVENTS_PER_REQUEST
              + " in a request."
              + " Default: ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--subscribers",
      split = ",",
      defaultValue = "1,100",
      description = "How many streams, each a consumer of its own. Default: ${DEFAULT-VALUE}.")
  private List<Integer> subscribers;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "How long each is measured. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "5",
      description = "Seconds before the measurement of each. Default: ${DEFAULT-VALUE}.")
  private int warmUpSeconds;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return target.run(this::measure);
  }

  private boolean measure(Site site) throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "%s: %,d events/s, %d s each after %d s of warm-up%n",
        site.api().url(),
        rate,
        seconds,
        warmUpSeconds);
    System.out.printf(
        "%11s %12s %12s %9s %9s %9s  %s%n",
        "subscribers", "sent/s", "delivered/s", "p50 ms", "p99 ms", "max ms", "");
    boolean right = true;
    for (int count : subscribers) {
      BenchedTopic topic = site.createTopic("tail-" + count);
      TailLoop loop = new TailLoop(site, topic, rate, count);
      TailLoop.Result result =
          loop.run(Duration.ofSeconds(warmUpSeconds), Duration.ofSeconds(seconds));
      System.out.printf(
          Locale.ROOT,
          "%11d %,12.0f %,12.0f %9.2f %9.2f %9.2f  %s%n",
          count,
          result.sentPerSecond(),
          result.deliveredPerSecond(),
          result.latencyMillis(50),
          result.latencyMillis(99),
          result.latencyMillis(100),
          result.complaint());
      right &= result.complaint().isEmpty();
    }
    return right;
  }
}
