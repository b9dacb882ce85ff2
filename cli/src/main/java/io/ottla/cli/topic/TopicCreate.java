package io.ottla.cli.topic;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.client.NewTopic;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.TopicDescription;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./ottla topic create}. */
@Command(name = "create", description = "Makes a topic and waits until it can be written.")
public final class TopicCreate extends AdminCommand {
  @Parameters(paramLabel = "TOPIC", description = "The topic's name.")
  private String name;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "1 to 1000. Default: the cluster's.")
  private Integer partitions;

  @Option(
      names = "--retention-hours",
      paramLabel = "HOURS",
      description = "How long events stay; -1: for ever. Default: the cluster's.")
  private Double retentionHours;

  @Option(
      names = "--retention-bytes",
      paramLabel = "BYTES",
      description = "How much of a partition stays; -1: all. Default: -1.")
  private Long retentionBytes;

  @Option(
      names = "--segment-bytes",
      paramLabel = "BYTES",
      description = "How large a partition's files get. Default: 128 MiB.")
  private Long segmentBytes;

  @Option(
      names = "--compression",
      paramLabel = "NAME",
      description = "none, gzip, snappy, lz4 or zstd. Default: lz4.")
  private String compression;

  @Option(
      names = "--cleanup-policy",
      paramLabel = "NAME",
      description = "delete, or compact: the last value of each key stays. Default: delete.")
  private String cleanupPolicy;

  @Option(
      names = "--max-record-bytes",
      paramLabel = "BYTES",
      description = "At most 3 MiB. Default: 1 MiB.")
  private Integer maxRecordBytes;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public TopicCreate(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    TopicDescription topic =
        admin.createTopic(
            new NewTopic(
                name,
                cluster.name(),
                partitions,
                retentionHours,
                retentionBytes,
                segmentBytes,
                compression,
                cleanupPolicy,
                maxRecordBytes));
    if (json()) {
      console().line(topic.json());
    } else {
      TopicTables.list(console(), List.of(topic));
    }
    return ExitCode.OK;
  }
}
