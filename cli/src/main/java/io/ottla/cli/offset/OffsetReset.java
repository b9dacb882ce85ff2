package io.ottla.cli.offset;

import io.ottla.cli.consume.EventLine;
import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.client.CommittedOffsets;
import io.ottla.client.EventLines;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.OttlaLineReader;
import io.ottla.client.PartitionDescription;
import io.ottla.client.ReadRequest;
import io.ottla.client.TopicDescription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./ottla offset reset}: changes nothing unless it is told to. */
@Command(
    name = "reset",
    description = {
      "Sets the commits of a group that nobody uses.",
      "Without --execute it only shows what would change."
    })
public final class OffsetReset extends AdminCommand {
  @Option(
      names = {"-g", "--group"},
      paramLabel = "GROUP",
      required = true,
      description = "The group's name.")
  private String group;

  @Option(
      names = {"-t", "--topic"},
      paramLabel = "TOPIC",
      required = true,
      description = "The topic's name.")
  private String topic;

  @ArgGroup(multiplicity = "1")
  private Target target;

  @Option(names = "--execute", description = "Do it.")
  private boolean execute;

  @Mixin private ClusterOption cluster;

  /** Where to: one or the other. */
  static final class Target {
    @Option(
        names = "--to",
        paramLabel = "PLACE",
        description = "earliest, latest, or a time: milliseconds since 1970 or ISO.")
    private String place;

    @Option(
        names = "--to-offset",
        paramLabel = "PARTITION:OFFSET",
        converter = PartitionOffset.Converter.class,
        description = "The next offset to read of a partition; may be repeated.")
    private List<PartitionOffset> offsets = List.of();
  }

  /** On that console. */
  public OffsetReset(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    TopicDescription described = admin.describeTopic(cluster.name(), topic);
    Map<Integer, Long> from =
        ResetPlan.commits(() -> admin.groupOffsets(cluster.name(), group, topic));
    ResetPlan plan = ResetPlan.of(described, group, from, wanted(described));
    if (!execute) {
      if (json()) {
        console().line(plan.json());
      } else {
        plan.print(console());
      }
      console().say("nothing was changed: --execute does it");
      return ExitCode.OK;
    }
    Map<Integer, Long> exact = new TreeMap<>();
    plan.moves().forEach(move -> exact.put(move.partition(), move.to()));
    CommittedOffsets committed =
        target.place == null
            ? admin.resetOffsets(cluster.name(), group, topic, exact)
            : admin.resetOffsets(cluster.name(), group, topic, target.place);
    if (json()) {
      console().line(committed.json());
    } else {
      Map<Integer, Long> now = new TreeMap<>();
      committed.offsets().forEach((partition, offset) -> now.put(partition.partition(), offset));
      ResetPlan.of(described, group, from, now).print(console());
    }
    return ExitCode.OK;
  }

  private Map<Integer, Long> wanted(TopicDescription described) {
    Map<Integer, Long> wanted = new TreeMap<>();
    if (target.place == null) {
      target.offsets.forEach(one -> wanted.put(one.partition(), one.offset()));
      return wanted;
    }
    switch (target.place) {
      case "earliest" ->
          described.partitions().forEach(p -> wanted.put(p.partition(), p.startOffset()));
      case "latest" ->
          described.partitions().forEach(p -> wanted.put(p.partition(), p.endOffset()));
      default -> {
        try (OttlaLineReader reader = new OttlaLineReader(url())) {
          for (PartitionDescription one : described.partitions()) {
            wanted.put(one.partition(), offsetAt(reader, described, one.partition()));
          }
        }
      }
    }
    return wanted;
  }

  /** Of the first event from a time on, or of the next that will come. */
  private long offsetAt(OttlaLineReader reader, TopicDescription described, int partition) {
    ReadRequest one = new ReadRequest(described.cluster(), topic, 1, 1, Duration.ZERO);
    EventLines lines = reader.read(one, partition, target.place);
    return EventLine.split(lines.bytes()).stream()
        .findFirst()
        .map(EventLine::offset)
        .orElse(lines.nextOffset());
  }
}
