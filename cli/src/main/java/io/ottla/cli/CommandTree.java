package io.ottla.cli;

import io.ottla.cli.cluster.BrokerStart;
import io.ottla.cli.cluster.BrokerStop;
import io.ottla.cli.cluster.ClusterCreate;
import io.ottla.cli.cluster.ClusterDelete;
import io.ottla.cli.cluster.ClusterDescribe;
import io.ottla.cli.cluster.ClusterList;
import io.ottla.cli.consume.ConsumeCommand;
import io.ottla.cli.group.GroupDelete;
import io.ottla.cli.group.GroupDescribe;
import io.ottla.cli.group.GroupList;
import io.ottla.cli.offset.OffsetCommit;
import io.ottla.cli.offset.OffsetReset;
import io.ottla.cli.offset.OffsetShow;
import io.ottla.cli.produce.ProduceCommand;
import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ErrorLines;
import io.ottla.cli.terminal.ExitCode;
import io.ottla.cli.topic.TopicAlter;
import io.ottla.cli.topic.TopicCreate;
import io.ottla.cli.topic.TopicDelete;
import io.ottla.cli.topic.TopicDescribe;
import io.ottla.cli.topic.TopicList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * All commands, by noun and verb. There is no lambda here: the start-up cache has none for a class
 * that knows picocli's, and the first one would take a tenth of a command's time.
 */
final class CommandTree {
  private static final List<String> NAMES =
      List.of(
          "cluster",
          "topic",
          "produce",
          "consume",
          "offset",
          "group",
          "broker",
          "status",
          "completion");

  private CommandTree() {}

  /**
   * The commands on that console. If the first argument is one of them the others are left out: to
   * look at all of them would be half of a command's time.
   */
  static CommandLine build(Console console, String first) {
    CommandLine root = new CommandLine(new OttlaCommand());
    for (String name : NAMES.contains(first) ? List.of(first) : NAMES) {
      root.addSubcommand(name, command(name, console));
    }
    ErrorLines errors = new ErrorLines(console);
    root.setExecutionExceptionHandler(errors);
    root.setParameterExceptionHandler(errors);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    describeExitCodes(root);
    return root;
  }

  private static CommandLine command(String name, Console c) {
    return switch (name) {
      case "cluster" ->
          noun(
              "Makes, shows and deletes clusters.",
              new ClusterCreate(c),
              new ClusterList(c),
              new ClusterDescribe(c),
              new ClusterDelete(c));
      case "topic" ->
          noun(
              "Makes, shows, changes and deletes topics.",
              new TopicCreate(c),
              new TopicList(c),
              new TopicDescribe(c),
              new TopicAlter(c),
              new TopicDelete(c));
      case "produce" -> new CommandLine(new ProduceCommand(c));
      case "consume" -> new CommandLine(new ConsumeCommand(c));
      case "offset" ->
          noun(
              "Shows and changes how far groups are.",
              new OffsetShow(c),
              new OffsetCommit(c),
              new OffsetReset(c));
      case "group" ->
          noun(
              "Shows and deletes consumer groups.",
              new GroupList(c),
              new GroupDescribe(c),
              new GroupDelete(c));
      case "broker" -> noun("Stops and starts brokers.", new BrokerStop(c), new BrokerStart(c));
      case "status" -> new CommandLine(new StatusCommand(c));
      case "completion" -> new CommandLine(new CompletionCommand(c));
      default -> throw new IllegalStateException(name);
    };
  }

  private static CommandLine noun(String description, Object... verbs) {
    CommandSpec spec = CommandSpec.create().mixinStandardHelpOptions(true);
    spec.usageMessage().description(description);
    CommandLine noun = new CommandLine(spec);
    for (Object verb : verbs) {
      noun.addSubcommand(verb);
    }
    return noun;
  }

  private static void describeExitCodes(CommandLine command) {
    command.getCommandSpec().usageMessage().exitCodeListHeading("%nExit codes:%n");
    command.getCommandSpec().usageMessage().exitCodeList(ExitCode.descriptions());
    for (CommandLine subcommand : command.getSubcommands().values()) {
      describeExitCodes(subcommand);
    }
  }
}
