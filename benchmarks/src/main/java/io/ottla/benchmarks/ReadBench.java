package io.ottla.benchmarks;

import io.ottla.benchmarks.BenchTarget.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./ottla bench read}: how fast one client catches up with a topic that is full. */
@Command(
    name = "read",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Measures how fast one client reads a full topic: as a stream of lines, as answers of"
            + " lines, as JSON polls, and as one stream per partition without a consumer.")
final class ReadBench implements Callable<Integer> {
  private static final Scenario LOAD = new Scenario("load", 8, 500);
  private static final String NDJSON = "application/x-ndjson";
  private static final String JSON = "application/json";

  /** The bytes are the limit, not the count. */
  private static final String LIMITS = "&max_events=100000&max_bytes=1048576";

  @Mixin private BenchTarget target;

  /** In the first one the server is cold. */
  private static final int ROUNDS = 2;

  @Option(
      names = "--events",
      defaultValue = "2000000",
      description = "At least so many are read. Default: ${DEFAULT-VALUE}.")
  private long events;

  @Option(
      names = "--value-size",
      defaultValue = "125",
      description = "Bytes of random letters per value. Default: ${DEFAULT-VALUE}.")
  private int valueBytes;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return target.run(this::measure);
  }

  private boolean measure(Site site) throws IOException, InterruptedException {
    BenchedTopic topic = site.createTopic("read");
    long[] endOffsets = load(site, topic);
    long total = 0;
    for (long endOffset : endOffsets) {
      total += endOffset;
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %,d events with values of %d bytes in %d partitions%n",
        site.api().url(),
        total,
        valueBytes,
        site.partitions());
    System.out.printf("%-18s %12s %9s  %s%n", "reader", "events/s", "MB/s", "");
    String path = "/events?topic=" + topic.name() + "&cluster=" + topic.cluster();
    long all = total;
    boolean right = true;
    for (int round = 1; round <= ROUNDS; round++) {
      System.out.println("round " + round);
      right &= run(site, topic, "lines, following", all, r -> follow(r, path, all));
      right &= run(site, topic, "lines", all, r -> poll(r, path, NDJSON, all));
      right &= run(site, topic, "json", all, r -> poll(r, path, JSON, all));
      right &= runStateless(site, topic, path, endOffsets, all);
    }
    return right;
  }

  /** The end offsets. */
  private long[] load(Site site, BenchedTopic topic) throws IOException, InterruptedException {
    EventSource source = EventSource.random(valueBytes, System.nanoTime(), false);
    RequestRing requests =
        RequestRing.of(
            site.api().url().getAuthority(), topic.name(), LOAD.eventsPerRequest(), source);
    long stored = 0;
    while (stored < events) {
      LoadResult result =
          new LoadLoop(site.address(), requests, LOAD).run(Duration.ZERO, Duration.ofSeconds(1));
      if (!result.otherStatuses().isEmpty()) {
        throw new IOException("answers other than 201: " + result.otherStatuses());
      }
      stored += result.ackedEvents();
    }
    return topic.endOffsets();
  }

  /** One way to read everything. */
  private record Reading(EventReader reader, EventScanner scanner) {}

  /** Reads on until everything is read. */
  @FunctionalInterface
  private interface Way {
    void read(Reading reading) throws IOException;
  }

  private static boolean run(Site site, BenchedTopic topic, String name, long total, Way way) {
    EventScanner scanner = EventScanner.of(topic.name(), site.partitions());
    long startNanos = System.nanoTime();
    try (EventReader reader = EventReader.open(site.address(), site.api().url().getAuthority())) {
      way.read(new Reading(reader, scanner));
      return print(name, scanner.events(), total, reader.bodyBytes(), startNanos, "");
    } catch (IOException e) {
      return print(name, scanner.events(), total, 0, startNanos, e.getMessage());
    }
  }

  private static void follow(Reading reading, String path, long total) throws IOException {
    EventScanner scanner = reading.scanner();
    reading
        .reader()
        .get(path + "&follow=true", NDJSON, scanner::scan, () -> scanner.events() >= total);
  }

  private static void poll(Reading reading, String path, String accept, long total)
      throws IOException {
    EventScanner scanner = reading.scanner();
    CursorTail tail = new CursorTail();
    String next = path + LIMITS;
    while (scanner.events() < total) {
      long before = scanner.events();
      AnswerDecoder answer =
          reading
              .reader()
              .get(
                  next,
                  accept,
                  (bytes, from, to) -> {
                    scanner.scan(bytes, from, to);
                    tail.take(bytes, from, to);
                  },
                  () -> false);
      if (scanner.events() == before) {
        throw new IOException("an answer without events, " + (total - before) + " before the end");
      }
      String cursor = accept.equals(JSON) ? tail.cursor() : answer.header("ottla-cursor");
      next = path + LIMITS + "&cursor=" + cursor;
    }
  }

  /** One partition after the other, each over a connection of its own. */
  private static boolean runStateless(
      Site site, BenchedTopic topic, String path, long[] endOffsets, long total) {
    EventScanner scanner = EventScanner.of(topic.name(), site.partitions());
    long startNanos = System.nanoTime();
    long bodyBytes = 0;
    String complaint = "";
    for (int p = 0; p < endOffsets.length; p++) {
      int partition = p;
      String query = path + "&partition=" + partition + "&offset=0&follow=true";
      try (EventReader reader = EventReader.open(site.address(), site.api().url().getAuthority())) {
        reader.get(
            query,
            NDJSON,
            scanner::scan,
            () -> scanner.nextOffset(partition) >= endOffsets[partition]);
        bodyBytes += reader.bodyBytes();
      } catch (IOException e) {
        complaint = e.getMessage();
      }
    }
    return print("no consumer", scanner.events(), total, bodyBytes, startNanos, complaint);
  }

  private static boolean print(
      String name, long events, long total, long bodyBytes, long startNanos, String complaint) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    String said =
        complaint.isEmpty() && events != total ? events + " read instead of " + total : complaint;
    System.out.printf(
        Locale.ROOT,
        "%-18s %,12.0f %9.1f  %s%n",
        name,
        events / seconds,
        bodyBytes / seconds / 1e6,
        said);
    return said.isEmpty();
  }

  /** The end of a body, where a poll's cursor stands. */
  private static final class CursorTail {
    private static final int KEPT_BYTES = 8_192;
    private static final String NAME = "\"cursor\":\"";

    private final byte[] kept = new byte[KEPT_BYTES];
    private int count;

    void take(byte[] bytes, int from, int to) {
      int added = Math.min(to - from, KEPT_BYTES);
      int old = Math.min(count, KEPT_BYTES - added);
      System.arraycopy(kept, count - old, kept, 0, old);
      System.arraycopy(bytes, to - added, kept, old, added);
      count = old + added;
    }

    String cursor() throws IOException {
      String text = new String(kept, 0, count, StandardCharsets.US_ASCII);
      int name = text.lastIndexOf(NAME);
      if (name < 0) {
        throw new IOException("a poll without a cursor: …" + text);
      }
      int begin = name + NAME.length();
      return text.substring(begin, text.indexOf('"', begin));
    }
  }
}
