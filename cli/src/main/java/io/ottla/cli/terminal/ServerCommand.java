package io.ottla.cli.terminal;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A command that talks to a server: where that is, and how answers are shown. */
@Command(
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    optionListHeading = "%n",
    usageHelpAutoWidth = true)
public abstract class ServerCommand implements Callable<Integer> {
  private static final String DEFAULT_URL = "http://127.0.0.1:8080";

  private final Console console;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Where the server is. Default: OTTLA_URL, or " + DEFAULT_URL + ".")
  private String url;

  @Option(names = "--json", description = "Print JSON with the server's own fields.")
  private boolean json;

  /** A command that reads from and writes to that console. */
  protected ServerCommand(Console console) {
    this.console = console;
  }

  /** Where data and messages go. */
  protected final Console console() {
    return console;
  }

  /** Where the server is. */
  protected final String url() {
    String wanted = url != null ? url : console.variable("OTTLA_URL");
    if (wanted == null) {
      return DEFAULT_URL;
    }
    if (!wanted.startsWith("http://") && !wanted.startsWith("https://")) {
      throw CommandFailure.usage("not the URL of a server: " + wanted);
    }
    return wanted;
  }

  /** Whether JSON is wanted. */
  protected final boolean json() {
    return json;
  }
}
