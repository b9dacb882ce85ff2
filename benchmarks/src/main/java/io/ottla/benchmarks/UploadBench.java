package io.ottla.benchmarks;

import io.ottla.benchmarks.BenchTarget.Site;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./ottla bench upload}: how fast a body of lines becomes committed events. */
@Command(
    name = "upload",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Measures how fast bodies of NDJSON are taken: page views of about 100 bytes as values, as"
            + " values with a key out of them, and as event objects with a key.")
final class UploadBench implements Callable<Integer> {
  @Mixin private BenchTarget target;

  @Option(
      names = "--events",
      defaultValue = "4000000",
      description = "In each measurement, over all connections. Default: ${DEFAULT-VALUE}.")
  private long events;

  @Option(
      names = "--connections",
      defaultValue = "1,4",
      split = ",",
      description = "Uploads at a time. Default: ${DEFAULT-VALUE}.")
  private List<Integer> connections;

  @Option(
      names = "--form",
      split = ",",
      description = "values, keyed (values with a key out of them) or events. Default: all three.")
  private List<String> forms = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "2",
      description = "The first one warms the server up. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  /** What the lines are. */
  private record Form(String name, String query, UploadBody body) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    return target.run(this::measure);
  }

  private boolean measure(Site site) throws IOException, InterruptedException {
    List<Form> chosen =
        Stream.of(
                new Form("values", "&lines=value", UploadBody.ofValues()),
                new Form("keyed", "&lines=value&key=/user", UploadBody.ofValues()),
                new Form("events", "", UploadBody.ofEvents()))
            .filter(form -> forms.isEmpty() || forms.contains(form.name()))
            .toList();
    System.out.printf(
        Locale.ROOT,
        "%s: %,d events in %d partitions, values of %.0f bytes%n",
        site.api().url(),
        events,
        site.partitions(),
        UploadBody.ofValues().meanLineBytes());
    System.out.printf("%-14s %12s %12s %9s  %s%n", "lines", "connections", "events/s", "MB/s", "");
    boolean right = true;
    for (int round = 1; round <= rounds; round++) {
      System.out.println("round " + round);
      for (Form form : chosen) {
        for (int count : connections) {
          right &= measure(site, form, count, round);
        }
      }
    }
    return right;
  }

  private boolean measure(Site site, Form form, int count, int round)
      throws IOException, InterruptedException {
    String suffix = "upload-" + form.name() + "-" + count + "-" + round;
    BenchedTopic topic = site.createTopic(suffix);
    String path = "/events?topic=" + topic.name() + "&cluster=" + topic.cluster() + form.query();
    long each = events / count;
    long startNanos = System.nanoTime();
    long bytes = 0;
    long committed = 0;
    String complaint = "";
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Upload.Result>> uploads = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        uploads.add(threads.submit(() -> Upload.send(site.api().url(), path, form.body(), each)));
      }
      for (Future<Upload.Result> upload : uploads) {
        bytes += upload.get().bodyBytes();
        committed += upload.get().committed();
      }
    } catch (ExecutionException e) {
      complaint = String.valueOf(e.getCause().getMessage());
    }
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    long stored = 0;
    for (long endOffset : topic.endOffsets()) {
      stored += endOffset;
    }
    if (complaint.isEmpty() && (committed != each * count || stored != committed)) {
      complaint = each * count + " sent, " + committed + " committed, " + stored + " stored";
    }
    System.out.printf(
        Locale.ROOT,
        "%-14s %12d %,12.0f %9.1f  %s%n",
        form.name(),
        count,
        committed / seconds,
        bytes / seconds / 1e6,
        complaint);
    return complaint.isEmpty();
  }
}
