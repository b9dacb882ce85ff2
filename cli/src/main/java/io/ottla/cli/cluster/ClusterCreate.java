package io.ottla.cli.cluster;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.client.ClusterDescription;
import io.ottla.client.NewCluster;
import io.ottla.client.OttlaAdmin;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./ottla cluster create}. */
@Command(name = "create", description = "Makes a cluster and waits until it can be used.")
public final class ClusterCreate extends AdminCommand {
  @Parameters(paramLabel = "NAME", description = "The cluster's name.")
  private String name;

  @Option(names = "--brokers", paramLabel = "N", description = "1 to 9. Default: 3.")
  private Integer brokers;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Partitions of a topic that does not say. Default: 3.")
  private Integer partitions;

  @Option(
      names = "--retention-hours",
      paramLabel = "HOURS",
      description = "Of a topic that does not say; -1: for ever. Default: 168.")
  private Double retentionHours;

  @Option(
      names = "--log-directory",
      paramLabel = "PATH",
      description = "Below the server's data directory. Default: the name.")
  private String logDirectory;

  /** On that console. */
  public ClusterCreate(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    ClusterDescription cluster =
        admin.createCluster(
            new NewCluster(name, brokers, partitions, retentionHours, logDirectory));
    if (json()) {
      console().line(cluster.json());
    } else {
      ClusterTables.list(console(), List.of(cluster));
    }
    return ExitCode.OK;
  }
}
