package io.ottla.cli.cluster;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.client.ClusterDescription;
import io.ottla.client.OttlaAdmin;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./ottla cluster describe}. */
@Command(name = "describe", description = "Shows a cluster's brokers and topics.")
public final class ClusterDescribe extends AdminCommand {
  @Parameters(paramLabel = "NAME", description = "The cluster's name.")
  private String name;

  /** On that console. */
  public ClusterDescribe(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    ClusterDescription cluster = admin.describeCluster(name);
    if (json()) {
      console().line(cluster.json());
    } else {
      ClusterTables.list(console(), List.of(cluster));
      console().line("");
      ClusterTables.describe(console(), cluster);
    }
    return ExitCode.OK;
  }
}
