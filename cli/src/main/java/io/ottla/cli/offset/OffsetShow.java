package io.ottla.cli.offset;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.CommandFailure;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.terminal.Table;
import io.ottla.client.GroupOffsets;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.PartitionProgress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./ottla offset show}. */
@Command(name = "show", description = "Shows how far a group, or a consumer, is.")
public final class OffsetShow extends AdminCommand {
  @Option(
      names = {"-g", "--group"},
      paramLabel = "GROUP",
      description = "The group's name; with --topic.")
  private String group;

  @Option(
      names = {"-t", "--topic"},
      paramLabel = "TOPIC",
      description = "The topic's name; with --group.")
  private String topic;

  @Option(
      names = "--consumer",
      paramLabel = "ID",
      description = "The consumer's number, instead of group and topic.")
  private Long consumer;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public OffsetShow(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    boolean ofGroup = group != null && topic != null;
    if (ofGroup == (consumer != null) || (consumer != null && (group != null || topic != null))) {
      throw CommandFailure.usage("say either --group and --topic, or --consumer");
    }
    GroupOffsets offsets =
        ofGroup
            ? admin.groupOffsets(cluster.name(), group, topic)
            : admin.consumerOffsets(consumer);
    if (json()) {
      console().line(offsets.json());
      return ExitCode.OK;
    }
    Table table = new Table("TOPIC", "PARTITION", "POSITION", "COMMITTED", "END", "LAG");
    for (PartitionProgress one : offsets.partitions()) {
      table.row(
          one.topic(),
          one.partition(),
          one.position(),
          one.committed(),
          one.endOffset(),
          one.lag());
    }
    table.print(console());
    return ExitCode.OK;
  }
}
