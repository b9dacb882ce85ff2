package io.ottla.cli;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.terminal.Table;
import io.ottla.cli.terminal.Text;
import io.ottla.client.ClusterDescription;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.PartitionDescription;
import io.ottla.client.Readiness;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** {@code ./ottla status}. */
@Command(
    name = "status",
    description =
        "Shows whether a server is live and ready, and who leads. Fails if it is not ready.")
public final class StatusCommand extends AdminCommand {
  /** On that console. */
  public StatusCommand(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    boolean live = admin.isLive();
    Readiness readiness = admin.readiness();
    List<ClusterDescription> clusters =
        admin.listClusters().stream().map(one -> admin.describeCluster(one.name())).toList();
    if (json()) {
      console().line(document(live, readiness, clusters));
    } else {
      print(live, readiness, clusters);
    }
    return readiness.isReady() ? ExitCode.OK : ExitCode.FAILED;
  }

  private String document(boolean live, Readiness readiness, List<ClusterDescription> clusters) {
    String reasons =
        readiness.reasons().stream().map(Text::quoted).collect(Collectors.joining(","));
    String described =
        clusters.stream().map(ClusterDescription::json).collect(Collectors.joining(","));
    return "{\"url\":%s,\"live\":%b,\"ready\":%b,\"reasons\":[%s],\"clusters\":[%s]}"
        .formatted(Text.quoted(url()), live, readiness.isReady(), reasons, described);
  }

  private void print(boolean live, Readiness readiness, List<ClusterDescription> clusters) {
    new Table("SERVER", "LIVE", "READY", "CLUSTERS")
        .row(url(), yesOrNo(live), yesOrNo(readiness.isReady()), clusters.size())
        .print(console());
    readiness.reasons().forEach(reason -> console().line("not ready: " + reason));
    if (!clusters.isEmpty()) {
      console().line("");
      Table table = new Table("CLUSTER", "BROKER", "STATE", "LEADS", "TOPICS", "WITHOUT LEADER");
      clusters.forEach(cluster -> rows(table, cluster));
      table.print(console());
    }
  }

  /** A row per broker; what is the cluster's stands in the first. */
  private static void rows(Table table, ClusterDescription cluster) {
    List<PartitionDescription> partitions =
        cluster.topics().stream().flatMap(topic -> topic.partitions().stream()).toList();
    boolean first = true;
    for (ClusterDescription.Broker broker : cluster.brokers()) {
      table.row(
          cluster.name(),
          broker.id(),
          broker.state(),
          leadBy(partitions, broker.id()),
          first ? cluster.topics().size() : "",
          first ? leadBy(partitions, null) : "");
      first = false;
    }
  }

  private static long leadBy(List<PartitionDescription> partitions, Integer broker) {
    return partitions.stream().filter(one -> Objects.equals(one.leader(), broker)).count();
  }

  private static String yesOrNo(boolean yes) {
    return yes ? "yes" : "no";
  }
}
