package io.ottla.benchmarks;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
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

  @Option(
      names = "--rest",
      defaultValue = "60",
      description =
          "Seconds without load before each kill, in which a checkpoint is taken; with 0 what came"
              + " last is read from the journals. Default: ${DEFAULT-VALUE}.")
  private int restSeconds;

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
      TimeUnit.SECONDS.sleep(restSeconds);
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

  /** What the closed segments below a directory take: of each partition, one is open. */
  private record Stored(long closedSegments, long closedBytes) {
    private static final Pattern SEGMENT = Pattern.compile("[0-9]{20}\\.log");

    /** Journals come and go meanwhile; what is gone does not count. */
    static Stored in(Path directory) throws IOException {
      Map<Path, List<Long>> segmentBytes = new HashMap<>();
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes found) {
              if (SEGMENT.matcher(file.getFileName().toString()).matches()) {
                segmentBytes
                    .computeIfAbsent(file.getParent(), _ -> new ArrayList<>())
                    .add(found.size());
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE;
            }
          });
      return segmentBytes.values().stream()
          .map(Stored::ofPartition)
          .reduce(new Stored(0, 0), Stored::plus);
    }

    /** The open segment is the smallest one, or about as large as the others. */
    private static Stored ofPartition(List<Long> segmentBytes) {
      long all = segmentBytes.stream().mapToLong(Long::longValue).sum();
      return new Stored(segmentBytes.size() - 1, all - Collections.min(segmentBytes));
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
