package io.ottla.cli.topic;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.CommandFailure;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.TopicChanges;
import io.ottla.client.TopicDescription;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./ottla topic alter}. */
@Command(name = "alter", description = "Changes a topic; what is not named stays as it is.")
public final class TopicAlter extends AdminCommand {
  @Parameters(paramLabel = "TOPIC", description = "The topic's name.")
  private String name;

  @Option(names = "--partitions", paramLabel = "N", description = "More than there are.")
  private Integer partitions;

  @Option(
      names = "--retention-hours",
      paramLabel = "HOURS",
      description = "How long events stay; -1: for ever.")
  private Double retentionHours;

  @Option(
      names = "--retention-bytes",
      paramLabel = "BYTES",
      description = "How much of a partition stays; -1: all.")
  private Long retentionBytes;

  @Option(
      names = "--compression",
      paramLabel = "NAME",
      description = "none, gzip, snappy, lz4 or zstd, of what comes from now on.")
  private String compression;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public TopicAlter(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    TopicChanges changes =
        new TopicChanges(partitions, retentionHours, retentionBytes, compression);
    if (changes.equals(new TopicChanges(null, null, null, null))) {
      throw CommandFailure.usage("say what is to change about " + name);
    }
    TopicDescription topic = admin.alterTopic(cluster.name(), name, changes);
    if (json()) {
      console().line(topic.json());
    } else {
      TopicTables.list(console(), List.of(topic));
    }
    return ExitCode.OK;
  }
}
