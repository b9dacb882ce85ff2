package io.ottla.cli.topic;

import io.ottla.cli.terminal.AdminCommand;
import io.ottla.cli.terminal.ClusterOption;
import io.ottla.cli.terminal.Console;
import io.ottla.client.OttlaAdmin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ./ottla topic delete}. */
@Command(name = "delete", description = "Deletes a topic and its events.")
public final class TopicDelete extends AdminCommand {
  @Parameters(paramLabel = "TOPIC", description = "The topic's name.")
  private String name;

  @Mixin private ClusterOption cluster;

  /** On that console. */
  public TopicDelete(Console console) {
    super(console);
  }

  @Override
  protected int run(OttlaAdmin admin) {
    admin.deleteTopic(cluster.name(), name);
    return done("deleted the topic " + name);
  }
}
