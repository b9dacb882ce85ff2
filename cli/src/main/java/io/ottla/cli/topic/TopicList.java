package io.ottla.cli.topic;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.TopicDescription;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./ottla topic list}. */
@Command(name = "list", description = "Lists the topics of a cluster, or of all.")
public final class TopicList extends AdminCommand {
  @Option(names = "--internal", description = "List the server's own topics too.")
  private boolean internal;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public TopicList(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    List<TopicDescription> topics =
        admin.listTopics(cluster.name()).stream()
            .filter(topic -> internal || !topic.internal())
            .toList();
    if (json()) {
      console().line(document("topics", topics, TopicDescription::json));
    } else {
      TopicTables.list(console(), topics);
    }
    return ExitCode.OK;
  }
}
