package io.ottla.benchmarks;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./ottla bench}: exits with 0 only if every answer was 201 and every count adds up. */
@Command(
    name = "./ottla bench",
    sortOptions = false,
    subcommands = {
      UploadBench.class,
      ClientBench.class,
      ReadBench.class,
      TailBench.class,
      IdleBench.class,
      RestartBench.class
    },
    description =
        "Measures how fast a server takes events. Every connection has one request in flight.")
public final class Main implements Callable<Integer> {
  @Option(
      names = "--url",
      description = "Measure the server that runs there instead of starting one.")
  private URI url;

  @Option(
      names = "--scenario",
      description =
          "single-16, single-64, single-256, batch-500 or CONNECTIONSxEVENTS; may be repeated."
              + " Default: all four.")
  private List<String> scenarios = List.of();

  @Option(names = "--brokers", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int brokers;

  @Option(names = "--partitions", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int partitions;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "How long each scenario is measured. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "5",
      description = "Seconds before the measurement of each. Default: ${DEFAULT-VALUE}.")
  private int warmUpSeconds;

  @Option(
      names = "--value-size",
      description =
          "Bytes of random letters per value, which hardly compress. Default: the lines of"
              + " examples/earthquakes.ndjson.")
  private Integer valueBytes;

  @Option(
      names = "--keyed",
      description = "Give every event a key. Default: none, so partitions take turns.")
  private boolean keyed;

  @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Scenario> chosen =
        scenarios.isEmpty() ? Scenario.ALL : scenarios.stream().map(Scenario::parse).toList();
    if (url != null) {
      return measure(url, chosen, System.out);
    }
    BenchedServer server = BenchedServer.start();
    try {
      return measure(server.url(), chosen, System.out);
    } finally {
      server.stop();
    }
  }

  private int measure(URI server, List<Scenario> chosen, PrintStream out)
      throws IOException, InterruptedException {
    EventSource events = events();
    String cluster = "bench-" + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
    out.printf(
        Locale.ROOT,
        "%s: %d brokers, %d partitions, values of %.0f bytes, %s, %d s each after %d s of"
            + " warm-up%n",
        server,
        brokers,
        partitions,
        events.meanValueBytes(),
        keyed ? "keyed" : "no keys",
        seconds,
        warmUpSeconds);
    out.printf("%-12s %12s %9s %9s %9s  %s%n", "load", "events/s", "MB/s", "p50 ms", "p99 ms", "");
    try (Api api = new Api(server, Duration.ofSeconds(60))) {
      api.post("/cluster", Api.object().put("name", cluster).put("num_brokers", brokers))
          .expect(201);
      boolean right = true;
      for (Scenario scenario : chosen) {
        right &= measure(api, cluster, scenario, events, out);
      }
      api.delete("/cluster/" + cluster).expect(204);
      return right ? 0 : 1;
    }
  }

  private boolean measure(
      Api api, String cluster, Scenario scenario, EventSource events, PrintStream out)
      throws IOException, InterruptedException {
    BenchedTopic topic =
        BenchedTopic.create(api, cluster, cluster + "-" + scenario.name(), partitions);
    InetSocketAddress address = new InetSocketAddress(api.url().getHost(), api.url().getPort());
    RequestRing requests =
        RequestRing.of(api.url().getAuthority(), topic.name(), scenario.eventsPerRequest(), events);
    LoadResult result =
        new LoadLoop(address, requests, scenario)
            .run(Duration.ofSeconds(warmUpSeconds), Duration.ofSeconds(seconds));
    String complaint = topic.complaint(result, scenario.eventsPerRequest());
    out.printf(
        Locale.ROOT,
        "%-12s %,12.0f %9.1f %9.2f %9.2f  %s%n",
        scenario.name(),
        result.eventsPerSecond(),
        result.eventsPerSecond() * events.meanValueBytes() / 1e6,
        result.latencyMillis(50),
        result.latencyMillis(99),
        complaint);
    return complaint.isEmpty();
  }

  private EventSource events() throws IOException {
    if (valueBytes != null) {
      return EventSource.random(valueBytes, System.nanoTime(), keyed);
    }
    Path home = Path.of(System.getProperty("ottla.home", "."));
    return EventSource.fromFile(home.resolve("examples/earthquakes.ndjson"), "net", keyed);
  }
}
