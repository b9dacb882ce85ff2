package io.ottla.cli.consume;

import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.CommandFailure;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.terminal.ServerCommand;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.OttlaLineReader;
import io.ottla.client.PartitionDescription;
import io.ottla.client.ReadRequest;
import io.ottla.client.TopicDescription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./ottla consume}: events become lines. */
@Command(
    name = "consume",
    description = {
      "Prints the events of a topic, their values unless told otherwise, one per line.",
      "Without --follow it stops at what was the end when it began."
    })
public final class ConsumeCommand extends ServerCommand {
  private static final int MOST_EVENTS = 100_000;
  private static final int MOST_BYTES = 1024 * 1024;
  private static final int LEAST_BYTES = 64 * 1024;
  private static final int ALL_BYTES = 32 * 1024 * 1024;
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int STOP_SECONDS = 10;

  @Parameters(paramLabel = "TOPIC", description = "The topic's name.")
  private String topic;

  @Option(
      names = {"-g", "--group"},
      paramLabel = "GROUP",
      description = "Read as a member of a group, and commit what was printed.")
  private String group;

  @Option(
      names = {"-o", "--offset"},
      paramLabel = "WHERE",
      defaultValue = "beginning",
      converter = StartPosition.Converter.class,
      description =
          "beginning, end, -10 (the last ten of each partition), @TIME (ISO, or milliseconds since"
              + " 1970) or an offset of one partition. In a group: where it starts without a"
              + " commit; beginning, end or @TIME. Default: beginning.")
  private StartPosition start;

  @Option(
      names = {"-p", "--partition"},
      paramLabel = "N",
      description = "Read this partition only.")
  private Integer partition;

  @Option(
      names = {"-c", "--count"},
      paramLabel = "COUNT",
      description = "Stop after so many events.")
  private long count = Long.MAX_VALUE;

  @Option(names = "--follow", description = "Wait for more at the end.")
  private boolean follow;

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description =
          "%%k key, %%v value, %%o offset, %%p partition, %%t time in milliseconds, %%T topic,"
              + " %%h headers, %%%% a percent sign; \\n, \\t, \\r, \\0, \\\\.")
  private String format;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public ConsumeCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws InterruptedException {
    check();
    EventFormat form =
        format != null
            ? EventFormat.of(format)
            : json() ? EventFormat.json() : EventFormat.values();
    Printer printer = new Printer(console(), form, count);
    try (OttlaAdmin admin = new OttlaAdmin(url());
        OttlaLineReader reader = new OttlaLineReader(url())) {
      TopicDescription described = admin.describeTopic(cluster.name(), topic);
      return group == null
          ? readTopic(reader, described, printer)
          : readGroup(new Way(admin, reader), described, printer);
    }
  }

  private record Way(OttlaAdmin admin, OttlaLineReader reader) {}

  private void check() {
    if (json() && format != null) {
      throw CommandFailure.usage("--json and --format exclude each other");
    }
    if (count < 0) {
      throw CommandFailure.usage("--count must not be negative");
    }
    if (group != null && partition != null) {
      throw CommandFailure.usage("in a group the partitions are given out: no --partition");
    }
    boolean ofOne = start instanceof StartPosition.Offset;
    if (group == null && ofOne && partition == null) {
      throw CommandFailure.usage("every partition counts its own offsets: say --partition too");
    }
    if (group != null && (ofOne || start instanceof StartPosition.Last)) {
      throw CommandFailure.usage("a group without a commit starts at beginning, end or @TIME");
    }
  }

  private int readTopic(OttlaLineReader reader, TopicDescription described, Printer printer)
      throws InterruptedException {
    List<PartitionDescription> partitions = described.partitions();
    if (partition != null) {
      if (partition < 0 || partition >= partitions.size()) {
        throw CommandFailure.usage(
            topic + " has the partitions 0 to " + (partitions.size() - 1) + " only");
      }
      partitions = List.of(partitions.get(partition));
    }
    int bytes = Math.clamp(ALL_BYTES / partitions.size(), LEAST_BYTES, MOST_BYTES);
    TopicRead read = new TopicRead(request(described, bytes), printer);
    List<TopicRead.Source> sources =
        partitions.stream()
            .map(one -> new TopicRead.Source(one.partition(), source(reader, one), one.endOffset()))
            .toList();
    read.printExisting(sources);
    if (follow) {
      read.follow(sources);
    }
    return ExitCode.OK;
  }

  private PartitionSource source(OttlaLineReader reader, PartitionDescription one) {
    return start instanceof StartPosition.At(String time)
        ? PartitionSource.atTime(reader, one.partition(), time)
        : PartitionSource.atOffset(reader, one.partition(), start.in(one));
  }

  private int readGroup(Way way, TopicDescription described, Printer printer)
      throws InterruptedException {
    GroupRead read =
        new GroupRead(way.reader(), way.admin(), request(described, MOST_BYTES), printer);
    Map<Integer, Long> ends =
        described.partitions().stream()
            .collect(
                Collectors.toMap(PartitionDescription::partition, PartitionDescription::endOffset));
    String from =
        switch (start) {
          case StartPosition.End() -> "latest";
          case StartPosition.At(String time) -> time;
          default -> "earliest";
        };
    CountDownLatch ended = new CountDownLatch(1);
    Thread atSignal = Thread.ofPlatform().unstarted(() -> stop(read, ended));
    Runtime.getRuntime().addShutdownHook(atSignal);
    try {
      return read.run(group, from, follow ? null : ends) ? ExitCode.OK : ExitCode.NOT_COMMITTED;
    } finally {
      ended.countDown();
      removeHook(atSignal);
    }
  }

  /** At Ctrl-C: what was printed is committed, and the group is left, before the process ends. */
  private void stop(GroupRead read, CountDownLatch ended) {
    read.stop();
    try {
      if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        console().say("ottla: what was printed last may not be committed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException alreadyEnding) {
      // It has run, or runs: that is what it is for.
    }
  }

  private ReadRequest request(TopicDescription described, int bytes) {
    int events = Math.clamp(count, 1, MOST_EVENTS);
    return new ReadRequest(described.cluster(), topic, events, bytes, POLL);
  }
}
