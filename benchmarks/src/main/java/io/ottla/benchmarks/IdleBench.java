package io.ottla.benchmarks;

import io.ottla.benchmarks.BenchTarget.Site;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./ottla bench idle}: what subscribers cost that have nothing to read. */
@Command(
    name = "idle",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Measures the memory that idle subscribers take. Starts a server of its own.")
final class IdleBench implements Callable<Integer> {
  /** So many come and go first, so that what is loaded once is not counted. */
  private static final int FIRST = 50;

  @Mixin private BenchTarget target;

  @Option(
      names = "--subscribers",
      defaultValue = "1000",
      description = "How many streams, each a consumer of its own. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!target.startsServer()) {
      throw new IllegalArgumentException("the memory of a server that runs elsewhere is not seen");
    }
    return target.run(this::measure);
  }

  private boolean measure(Site site) throws IOException, InterruptedException {
    BenchedTopic topic = site.createTopic("idle");
    try (Selector selector = Selector.open()) {
      close(subscribe(site, topic, selector, FIRST));
      ServerMemory before = ServerMemory.of(site.pid());
      long startNanos = System.nanoTime();
      List<Subscriber> subscribers = subscribe(site, topic, selector, count);
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      ServerMemory after = ServerMemory.of(site.pid());
      close(subscribers);
      System.out.printf(Locale.ROOT, "%,d subscribers, all there after %.1f s%n", count, seconds);
      print("heap", before.heapBytes(), after.heapBytes());
      print("resident", before.residentBytes(), after.residentBytes());
    }
    return true;
  }

  private void print(String what, long beforeBytes, long afterBytes) {
    System.out.printf(
        Locale.ROOT,
        "%-9s %8.1f MB before, %8.1f MB after, %8.1f kB per subscriber%n",
        what,
        beforeBytes / 1e6,
        afterBytes / 1e6,
        (afterBytes - beforeBytes) / 1e3 / count);
  }

  /** Returns when every stream has begun. */
  private static List<Subscriber> subscribe(
      Site site, BenchedTopic topic, Selector selector, int wanted) throws IOException {
    List<Subscriber> subscribers = new ArrayList<>();
    byte[] buffer = new byte[65_536];
    String host = site.api().url().getAuthority();
    String path = "/events?topic=" + topic.name() + "&cluster=" + topic.cluster();
    for (int i = 0; i < wanted; i++) {
      EventScanner scanner = EventScanner.of(topic.name(), site.partitions());
      subscribers.add(Subscriber.open(site.address(), selector, host, path, scanner));
    }
    while (!subscribers.stream().allMatch(Subscriber::hasBegun)) {
      if (selector.select(LoadResult.PATIENCE.toMillis()) == 0) {
        throw new IOException("not every stream has begun within " + LoadResult.PATIENCE);
      }
      for (SelectionKey key : selector.selectedKeys()) {
        ((Subscriber) key.attachment()).read(buffer);
      }
      selector.selectedKeys().clear();
    }
    return subscribers;
  }

  private static void close(List<Subscriber> subscribers) throws IOException {
    for (Subscriber subscriber : subscribers) {
      subscriber.close();
    }
  }
}
