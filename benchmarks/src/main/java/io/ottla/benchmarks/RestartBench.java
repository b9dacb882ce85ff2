package io.ottla.benchmarks;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code ./ottla bench restart}: how long a server with much data takes from its kill to ready. */
@Command(
    name = "restart",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Fills a topic, kills the server with SIGKILL and measures how long it takes to be ready"
            + " again. Starts a server of its own. Needs the disk space that is asked for.")
final class RestartBench implements Callable<Integer> {
  private static final String CLUSTER = "bench";
  private static final int CONNECTIONS = 8;
  private static final int EVENTS_PER_REQUEST = 20;
  private static final int VALUE_BYTES = 40_000;
  private static final Duration FILL_ROUND = Duration.ofSeconds(5);

  @Option(names = "--brokers", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int brokers;

  @Option(names = "--partitions", defaultValue = "1000", description = "Default: ${DEFAULT-VALUE}.")
  private int partitions;

  @Option(
      names = "--gigabytes",
      defaultValue = "20",
      description = "Closed segments of all brokers together. Default: ${DEFAULT-VALUE}.")
  private double gigabytes;

  @Option(
      names = "--segment-bytes",
      defaultValue = "1048576",
      description = "When a segment is closed. Default: ${DEFAULT-VALUE}.")
  private int segmentBytes;

  @Option(
      names = "--restarts",
      defaultValue = "3",
      description = "How often it is killed and started. Default: ${DEFAULT-VALUE}.")
  private int restarts;

  @Override
  public Integer call() throws IOException, InterruptedException {
    BenchedServer server = BenchedServer.start();
    try {
      return measure(server) ? 0 : 1;
    } finally {
      server.stop();
    }
  }

  private boolean measure(BenchedServer server) throws IOException, InterruptedException {
    BenchedTopic topic = createTopic(server);
    long startNanos = System.nanoTime();
    long acked = fill(server, topic);
    System.out.printf(
        Locale.ROOT,
        "%,d events acknowledged in %.0f s: %s%n",
        acked,
        (System.nanoTime() - startNanos) / 1e9,
        Stored.in(server.dataDirectory()));
    topic.api().close();
    boolean right = true;
    for (int restart = 1; restart <= restarts; restart++) {
      server.kill();
      Duration ready = server.startAgain();
      try (Api api = api(server)) {
        long stored = Arrays.stream(new BenchedTopic(api, CLUSTER, CLUSTER).endOffsets()).sum();
        right &= stored >= acked;
        System.out.printf(
            Locale.ROOT,
            "restart %d: ready after %.2f s, %,d events stored%s%n",
            restart,
            ready.toMillis() / 1e3,
            stored,
            stored < acked ? ", FEWER THAN ACKNOWLEDGED" : "");
      }
    }
    return right;
  }

  private static Api api(BenchedServer server) {
    return new Api(server.url(), Duration.ofSeconds(60));
  }

  private BenchedTopic createTopic(BenchedServer server) throws IOException, InterruptedException {
    Api api = api(server);
    api.post("/cluster", Api.object().put("name", CLUSTER).put("num_brokers", brokers)).expect(201);
    ObjectNode topic =
        Api.object()
            .put("name", CLUSTER)
            .put("cluster", CLUSTER)
            .put("partitions", partitions)
            .put("segment_bytes", segmentBytes)
            .put("compression", "none");
    api.post("/topic", topic).expect(201);
    return new BenchedTopic(api, CLUSTER, CLUSTER);
  }

  /** Publishes until so much is in closed segments; how many events were acknowledged. */
  private long fill(BenchedServer server, BenchedTopic topic)
      throws IOException, InterruptedException {
    InetSocketAddress address =
        new InetSocketAddress(server.url().getHost(), server.url().getPort());
    var load = new Scenario("fill", CONNECTIONS, EVENTS_PER_REQUEST);
    EventSource events = EventSource.random(VALUE_BYTES, 1, false);
    RequestRing requests =
        RequestRing.of(server.url().getAuthority(), topic.name(), EVENTS_PER_REQUEST, events);
    long acked = 0;
    while (Stored.in(server.dataDirectory()).closedBytes() < gigabytes * 1e9) {
      LoadResult result = new LoadLoop(address, requests, load).run(Duration.ZERO, FILL_ROUND);
      acked += result.ackedEvents();
      if (!result.otherStatuses().isEmpty()) {
        throw new IOException("answers other than 201: " + result.otherStatuses());
      }
    }
    return acked;
  }

  /** What the segment files below a directory take. A directory's last segment is open. */
  private record Stored(long closedSegments, long closedBytes) {
    static Stored in(Path directory) throws IOException {
      try (var directories = Files.walk(directory)) {
        return directories
            .filter(Files::isDirectory)
            .map(Stored::ofPartition)
            .reduce(new Stored(0, 0), Stored::plus);
      }
    }

    private static Stored ofPartition(Path directory) {
      try (var files = Files.list(directory)) {
        long[] bytes =
            files
                .filter(file -> file.getFileName().toString().matches("[0-9]{20}\\.log"))
                .sorted()
                .mapToLong(file -> file.toFile().length())
                .toArray();
        int closed = Math.max(0, bytes.length - 1);
        return new Stored(closed, Arrays.stream(bytes, 0, closed).sum());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Stored plus(Stored other) {
      return new Stored(closedSegments + other.closedSegments, closedBytes + other.closedBytes);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%,d closed segments with %.1f GB", closedSegments, closedBytes / 1e9);
    }
  }
}
