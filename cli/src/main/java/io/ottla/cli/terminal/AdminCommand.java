package io.ottla.cli.terminal;

import io.ottla.client.OttlaAdmin;
import java.util.List;
import java.util.function.Function;

/** A command that asks a server something and shows the answer. */
public abstract class AdminCommand extends ServerCommand {
  /** A command that reads from and writes to that console. */
  protected AdminCommand(Console console) {
    super(console);
  }

  @Override
  public final Integer call() {
    try (OttlaAdmin admin = new OttlaAdmin(url())) {
      int exitCode = run(admin);
      console().flush();
      return exitCode;
    }
  }

  /** Does it; the answer is one of {@link ExitCode}'s. */
  protected abstract int run(OttlaAdmin admin);

  /** Says what was done; as JSON, there is nothing to tell. */
  protected final int done(String message) {
    console().say(message);
    if (json()) {
      console().line("{}");
    }
    return ExitCode.OK;
  }

  /** One document: an object whose one member is an array of the documents. */
  protected static <T> String document(String name, List<T> of, Function<T, String> json) {
    return "{\"" + name + "\":[" + String.join(",", of.stream().map(json).toList()) + "]}";
  }
}
