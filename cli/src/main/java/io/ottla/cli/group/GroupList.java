package io.ottla.cli.group;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.terminal.Table;
import io.ottla.client.GroupListing;
import io.ottla.client.OttlaAdmin;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./ottla group list}. */
@Command(name = "list", description = "Lists the consumer groups of a cluster, or of all.")
public final class GroupList extends AdminCommand {
  @Mixin private ClusterOption cluster;

  /** On that console. */
  public GroupList(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    List<GroupListing> groups = admin.listGroups(cluster.name());
    if (json()) {
      console().line(document("groups", groups, GroupListing::json));
      return ExitCode.OK;
    }
    Table table = new Table("GROUP", "CLUSTER", "STATE", "MEMBERS", "GENERATION");
    for (GroupListing group : groups) {
      table.row(group.group(), group.cluster(), group.state(), group.members(), group.generation());
    }
    table.print(console());
    return ExitCode.OK;
  }
}
