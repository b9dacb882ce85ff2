package io.ottla.demo;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./ottla demo}: exits with 0 only if everything that it showed was checked and right. */
@Command(
    name = "./ottla demo",
    description = "Shows a server at work on real data, and checks everything shown.")
public final class Main implements Callable<Integer> {
  private static final Duration AT_MOST = Duration.ofMinutes(4);

  @Option(names = "--keep", description = "Leave the server running afterwards.")
  private boolean keep;

  @Option(names = "--url", description = "Use the server that runs there instead of starting one.")
  private URI url;

  @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  private Main() {}

  public static void main(String[] arguments) {
    endAfter(AT_MOST);
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty("ottla.home", "."));
    List<Earthquake> earthquakes = Earthquake.read(home.resolve("examples/earthquakes.ndjson"));
    Report report = Report.onStandardOutput();
    report.title("Ottla: a tour with " + earthquakes.size() + " earthquakes");
    if (url != null) {
      report.line("server     %s".formatted(url));
      String cluster = "demo-" + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
      return tour(report, url, cluster, earthquakes, Optional.empty());
    }
    DemoServer server = DemoServer.start(keep);
    report.line(
        "server     %s, process %d".formatted(server.process().url(), server.process().pid()));
    report.line("ready in   %d ms".formatted(server.process().startTime().toMillis()));
    report.line("directory  %s".formatted(server.directory()));
    try {
      return tour(
          report, server.process().url(), "demo", earthquakes, Optional.of(server.dataDirectory()));
    } finally {
      leave(server, report);
    }
  }

  private static int tour(
      Report report,
      URI url,
      String cluster,
      List<Earthquake> earthquakes,
      Optional<Path> dataDirectory)
      throws InterruptedException {
    try (Api api = new Api(url, Duration.ofSeconds(15))) {
      new Tour(new Target(api, cluster, "earthquakes"), report, earthquakes).run(dataDirectory);
    } catch (IOException | RuntimeException e) {
      report.check(false, "the tour goes on to its end", e);
    }
    return report.conclude() ? 0 : 1;
  }

  private void leave(DemoServer server, Report report) throws InterruptedException {
    if (keep) {
      report.line(
          "The server is left running. Look at it: curl %s/cluster"
              .formatted(server.process().url()));
      report.line("Stop it: kill %d".formatted(server.process().pid()));
    } else if (server.process().terminate(Duration.ofSeconds(15)).isEmpty()) {
      server.process().kill();
    }
    report.line("Its files stay, log and all; remove them: rm -r %s".formatted(server.directory()));
  }

  /** Whatever hangs, the demo does not. */
  private static void endAfter(Duration time) {
    Thread watchdog =
        new Thread(
            () -> {
              try {
                Thread.sleep(time);
              } catch (InterruptedException e) {
                return;
              }
              System.err.println("the demo was not through after " + time.toMinutes() + " minutes");
              System.exit(1);
            },
            "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
  }
}
