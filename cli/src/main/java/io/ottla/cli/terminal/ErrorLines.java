package io.ottla.cli.terminal;

import io.ottla.client.OttlaException;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says in one line why a command failed, and how it ends for that. Immutable. */
public final class ErrorLines
    implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {
  private final Console console;

  /** To that console's messages. */
  public ErrorLines(Console console) {
    this.console = console;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine commandLine, ParseResult parsed) {
    return switch (failure) {
      case Console.ClosedOutputException _ -> ExitCode.OK;
      case OttlaException e -> {
        say(e.getMessage() + " (" + e.code() + ")");
        yield ExitCode.of(e);
      }
      case CommandFailure e -> {
        say(e.getMessage());
        yield e.exitCode();
      }
      case IllegalArgumentException e -> {
        say(e.getMessage());
        yield ExitCode.USAGE;
      }
      case IOException e -> {
        say("cannot be read: " + e.getMessage());
        yield ExitCode.FAILED;
      }
      default -> {
        say(failure + " (internal_error)");
        yield ExitCode.FAILED;
      }
    };
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    say(e.getMessage() + " (`" + command + " --help` says more)");
    return ExitCode.USAGE;
  }

  private void say(String message) {
    console.say("ottla: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
  }
}
