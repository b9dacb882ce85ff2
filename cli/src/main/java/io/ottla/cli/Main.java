package io.ottla.cli;

import io.ottla.cli.terminal.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import picocli.CommandLine;

/** The command line: one command, and its exit code. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Console console =
        new Console(
            new FileInputStream(FileDescriptor.in),
            new FileOutputStream(FileDescriptor.out),
            new FileOutputStream(FileDescriptor.err),
            System.getenv(),
            System.getProperty("ottla.terminals", ""));
    System.exit(run(console, arguments));
  }

  /** Runs a command on that console; its exit code. */
  public static int run(Console console, String... arguments) {
    CommandLine commands = CommandTree.build(console, arguments.length == 0 ? "" : arguments[0]);
    commands.setOut(console.writer()).setErr(console.messages());
    int exitCode = commands.execute(arguments);
    commands.getOut().flush();
    return exitCode;
  }
}
