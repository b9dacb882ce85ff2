package io.ottla.cli.cluster;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.Console;
import io.ottla.client.OttlaAdmin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./ottla cluster delete}. */
@Command(name = "delete", description = "Deletes a cluster with all its topics and files.")
public final class ClusterDelete extends AdminCommand {
  @Parameters(paramLabel = "NAME", description = "The cluster's name.")
  private String name;

  /** On that console. */
  public ClusterDelete(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    admin.deleteCluster(name);
    return done("deleted the cluster " + name);
  }
}
