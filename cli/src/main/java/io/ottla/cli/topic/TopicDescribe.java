package io.ottla.cli.topic;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.client.OttlaAdmin;
import io.ottla.client.TopicDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ./ottla topic describe}. */
@Command(name = "describe", description = "Shows a topic and its partitions.")
public final class TopicDescribe extends AdminCommand {
  @Parameters(paramLabel = "TOPIC", description = "The topic's name.")
  private String name;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public TopicDescribe(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    TopicDescription topic = admin.describeTopic(cluster.name(), name);
    if (json()) {
      console().line(topic.json());
    } else {
      TopicTables.describe(console(), topic);
    }
    return ExitCode.OK;
  }
}
