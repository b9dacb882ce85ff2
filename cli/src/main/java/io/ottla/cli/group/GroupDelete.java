package io.ottla.cli.group;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.Console;
import io.ottla.client.OttlaAdmin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ./ottla group delete}. */
@Command(name = "delete", description = "Deletes a group that nobody uses, and its commits.")
public final class GroupDelete extends AdminCommand {
  @Parameters(paramLabel = "GROUP", description = "The group's name.")
  private String name;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public GroupDelete(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    admin.deleteGroup(cluster.name(), name);
    return done("deleted the group " + name);
  }
}
