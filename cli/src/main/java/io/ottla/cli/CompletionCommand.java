package io.ottla.cli;

import io.ottla.cli.terminal.Console;
import io.ottla.cli.terminal.ExitCode;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code ./ottla completion}: completes the programs that are not the command line's own, too. */
@Command(
    name = "completion",
    description = {
      "Prints a script that completes commands and options in bash.",
      "To use it: source <(./ottla completion)"
    },
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
  private static final String[] SERVE = {"--port", "--host", "--data-dir", "--disk-reserve-mib"};
  private static final String[] DEMO = {"--keep", "--url"};
  private static final String[] BENCH = {
    "--url",
    "--scenario",
    "--brokers",
    "--partitions",
    "--seconds",
    "--warm-up",
    "--value-size",
    "--keyed",
    "--help"
  };

  private final Console console;

  CompletionCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    CommandLine all = CommandTree.build(console, "");
    all.addSubcommand("serve", program(SERVE));
    all.addSubcommand("demo", program(DEMO));
    CommandSpec bench = program(BENCH);
    for (String what : new String[] {"read", "tail", "idle"}) {
      bench.addSubcommand(what, CommandSpec.create());
    }
    all.addSubcommand("bench", bench);
    all.addSubcommand("help", CommandSpec.create());
    console.line(AutoComplete.bash("ottla", all).strip());
    console.flush();
    return ExitCode.OK;
  }

  private static CommandSpec program(String... options) {
    CommandSpec program = CommandSpec.create();
    for (String option : options) {
      program.addOption(OptionSpec.builder(option).arity("1").build());
    }
    return program;
  }
}
