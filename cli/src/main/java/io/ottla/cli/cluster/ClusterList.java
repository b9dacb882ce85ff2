package io.ottla.cli.cluster;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.client.ClusterDescription;
import io.ottla.client.OttlaAdmin;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code ./ottla cluster list}. */
@Command(name = "list", description = "Lists the clusters.")
public final class ClusterList extends AdminCommand {
  /** On that console. */
  public ClusterList(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    List<ClusterDescription> clusters = admin.listClusters();
    if (json()) {
      console().line(document("clusters", clusters, ClusterDescription::json));
    } else {
      ClusterTables.list(console(), clusters);
    }
    return ExitCode.OK;
  }
}
