package io.ottla.cli.terminal;

import io.ottla.client.OttlaException;

/** The end of a command that did not do what was asked. Immutable. */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandFailure(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** The command makes no sense as it was given. */
  public static CommandFailure usage(String message) {
    return new CommandFailure(ExitCode.USAGE, message, null);
  }

  /** It failed here, not at the server. */
  public static CommandFailure failed(String message) {
    return new CommandFailure(ExitCode.FAILED, message, null);
  }

  /** It failed as the client library says, after a part of it was done. */
  public static CommandFailure of(int exitCode, String what, OttlaException cause) {
    return new CommandFailure(
        exitCode, what + ": " + cause.getMessage() + " (" + cause.code() + ")", cause);
  }

  /** One of {@link ExitCode}'s. */
  public int exitCode() {
    return exitCode;
  }
}
