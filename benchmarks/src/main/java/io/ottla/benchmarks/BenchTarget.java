package io.ottla.benchmarks;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What is measured: a server that runs, or one started for it, and a cluster made for it. */
final class BenchTarget {
  @Option(
      names = "--url",
      description = "Measure the server that runs there instead of starting one.")
  private URI url;

  @Option(names = "--brokers", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int brokers;

  @Option(names = "--partitions", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int partitions;

  /** A measurement in a cluster of its own; whether everything added up. */
  @FunctionalInterface
  interface Measurement {
    /** Measures. */
    boolean measure(Site site) throws IOException, InterruptedException;
  }

  /**
   * Where to measure.
   *
   * @param pid of the server, if it was started for this; −1 if not
   */
  record Site(Api api, String cluster, int partitions, long pid) {
    InetSocketAddress address() {
      return new InetSocketAddress(api.url().getHost(), api.url().getPort());
    }

    BenchedTopic createTopic(String suffix) throws IOException, InterruptedException {
      return BenchedTopic.create(api, cluster, cluster + "-" + suffix, partitions);
    }
  }

  /** Runs it and leaves nothing behind; the exit code. */
  int run(Measurement measurement) throws IOException, InterruptedException {
    if (url != null) {
      return run(url, -1, measurement);
    }
    BenchedServer server = BenchedServer.start();
    try {
      return run(server.url(), server.pid(), measurement);
    } finally {
      server.stop();
    }
  }

  private int run(URI server, long pid, Measurement measurement)
      throws IOException, InterruptedException {
    String cluster = "bench-" + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
    try (Api api = new Api(server, Duration.ofSeconds(60))) {
      api.post("/cluster", Api.object().put("name", cluster).put("num_brokers", brokers))
          .expect(201);
      boolean right = measurement.measure(new Site(api, cluster, partitions, pid));
      api.delete("/cluster/" + cluster).expect(204);
      return right ? 0 : 1;
    }
  }

  boolean startsServer() {
    return url == null;
  }
}
