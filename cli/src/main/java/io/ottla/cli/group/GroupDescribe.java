package io.ottla.cli.group;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.terminal.Table;
import io.ottla.client.GroupDescription;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.PartitionProgress;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ./ottla group describe}. */
@Command(name = "describe", description = "Shows a group's members and how far they are.")
public final class GroupDescribe extends AdminCommand {
  @Parameters(paramLabel = "GROUP", description = "The group's name.")
  private String name;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public GroupDescribe(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    GroupDescription group = admin.describeGroup(cluster.name(), name);
    if (json()) {
      console().line(group.json());
      return ExitCode.OK;
    }
    new Table("GROUP", "CLUSTER", "STATE", "GENERATION", "LAG", "COMMITS IN")
        .row(
            group.group(),
            group.cluster(),
            group.state(),
            group.generation(),
            group.lag(),
            group.offsetsTopic() + "-" + group.offsetsPartition())
        .print(console());
    if (!group.members().isEmpty()) {
      console().line("");
      members(group).print(console());
    }
    if (!group.partitions().isEmpty()) {
      console().line("");
      partitions(group).print(console());
    }
    return ExitCode.OK;
  }

  private static Table members(GroupDescription group) {
    Table table = new Table("CONSUMER", "ACTIVE", "PARTITIONS");
    for (GroupDescription.Member member : group.members()) {
      table.row(
          member.consumerId(),
          member.active() ? "yes" : "no",
          member.assignment().stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }
    return table;
  }

  private static Table partitions(GroupDescription group) {
    Table table =
        new Table("TOPIC", "PARTITION", "CONSUMER", "POSITION", "COMMITTED", "END", "LAG");
    for (PartitionProgress one : group.partitions()) {
      table.row(
          one.topic(),
          one.partition(),
          one.owner(),
          one.position(),
          one.committed(),
          one.endOffset(),
          one.lag());
    }
    return table;
  }
}
