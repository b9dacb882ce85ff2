package io.ottla.benchmarks;

import io.ottla.benchmarks.BenchTarget.Site;
import io.ottla.client.OttlaProducer;
import io.ottla.client.ProducerConfig;
import io.ottla.client.ProducerConfig.Compression;
import io.ottla.client.ProducerRecord;
import io.ottla.testkit.CuttingProxy;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./ottla bench client}: what accumulating before sending saves. */
@Command(
    name = "client",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Measures the Java client: one thread that waits for every answer against one that does"
            + " not, through a proxy that counts requests and bytes. Both are retry-safe.")
final class ClientBench implements Callable<Integer> {
  private static final Duration LINGER = Duration.ofMillis(5);

  @Mixin private BenchTarget target;

  @Option(
      names = "--seconds",
      defaultValue = "6",
      description = "How long each is measured. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "4",
      description = "Seconds before the measurement of each. Default: ${DEFAULT-VALUE}.")
  private int warmUpSeconds;

  /** A way to send. */
  private record Way(String name, boolean waits, Duration linger, Compression compression) {}

  /** What a stretch of sending came to. */
  private record Stretch(long events, long nanos, long requests, long bytesOut, long bytesIn) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    return target.run(this::measure);
  }

  private boolean measure(Site site) throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "%s: one thread sends page views of %.0f bytes, keyed; %d s each after %d s of warm-up%n",
        site.api().url(),
        UploadBody.ofValues().meanLineBytes(),
        seconds,
        warmUpSeconds);
    System.out.printf(
        "%-22s %10s %11s %9s %11s %11s  %s%n",
        "client", "events/s", "requests/s", "events", "bytes out", "bytes in", "");
    System.out.printf(
        "%-22s %10s %11s %9s %11s %11s%n", "", "", "", "/request", "/event", "/event");
    boolean right = true;
    double slowest = 0;
    for (Way way :
        new Way[] {
          new Way("send().get()", true, Duration.ZERO, Compression.NONE),
          new Way("asynchronous", false, LINGER, Compression.NONE),
          new Way("asynchronous, gzip", false, LINGER, Compression.GZIP)
        }) {
      BenchedTopic topic = site.createTopic("client-" + way.name().replaceAll("[^a-z]", ""));
      try (CuttingProxy proxy = CuttingProxy.open(site.api().url(), CuttingProxy.Cuts.none())) {
        Stretch stretch = send(way, proxy, topic);
        double perSecond = stretch.events() * 1e9 / stretch.nanos();
        slowest = slowest == 0 ? perSecond : slowest;
        print(way, stretch, perSecond / slowest);
      } catch (ExecutionException e) {
        System.out.println(way.name() + ": " + e.getCause().getMessage());
        right = false;
      }
    }
    return right;
  }

  private Stretch send(Way way, CuttingProxy proxy, BenchedTopic topic)
      throws ExecutionException, InterruptedException {
    AtomicLong failures = new AtomicLong();
    try (OttlaProducer producer = new OttlaProducer(config(way, proxy.url(), topic.cluster()))) {
      PageViews views = new PageViews();
      send(way, producer, topic, views, warmUpSeconds, failures);
      long requests = proxy.answers();
      long bytesOut = proxy.requestBytes();
      long bytesIn = proxy.answerBytes();
      long startNanos = System.nanoTime();
      long events = send(way, producer, topic, views, seconds, failures);
      long nanos = System.nanoTime() - startNanos;
      if (failures.get() > 0) {
        throw new ExecutionException(new IOException(failures.get() + " events failed"));
      }
      return new Stretch(
          events,
          nanos,
          proxy.answers() - requests,
          proxy.requestBytes() - bytesOut,
          proxy.answerBytes() - bytesIn);
    }
  }

  /** Sends for so long, until everything is answered; how many. */
  private static long send(
      Way way,
      OttlaProducer producer,
      BenchedTopic topic,
      PageViews views,
      int seconds,
      AtomicLong failures)
      throws ExecutionException, InterruptedException {
    long deadlineNanos = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    long events = 0;
    while (System.nanoTime() - deadlineNanos < 0) {
      PageViews.View view = views.next();
      var sent =
          producer.send(
              ProducerRecord.of(topic.name(), view.user(), view.json()),
              (metadata, failure) -> {
                if (failure != null) {
                  failures.incrementAndGet();
                }
              });
      if (way.waits()) {
        sent.get();
      }
      events++;
    }
    producer.flush();
    return events;
  }

  private static ProducerConfig config(Way way, URI url, String cluster) {
    return ProducerConfig.builder(url.toString())
        .cluster(cluster)
        .linger(way.linger())
        .compression(way.compression())
        .build();
  }

  private static void print(Way way, Stretch stretch, double ratio) {
    System.out.printf(
        Locale.ROOT,
        "%-22s %,10.0f %,11.0f %,9.0f %11.1f %11.1f  %s%n",
        way.name(),
        stretch.events() * 1e9 / stretch.nanos(),
        stretch.requests() * 1e9 / stretch.nanos(),
        (double) stretch.events() / stretch.requests(),
        (double) stretch.bytesOut() / stretch.events(),
        (double) stretch.bytesIn() / stretch.events(),
        way.waits() ? "" : String.format(Locale.ROOT, "× %.0f", ratio));
  }
}
