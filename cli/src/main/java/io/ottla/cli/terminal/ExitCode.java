package io.ottla.cli.terminal;

import io.ottla.client.OttlaException;
import java.util.LinkedHashMap;
import java.util.Map;

/** How a command ends, for the shell. */
public final class ExitCode {
  /** All that was asked for is done. */
  public static final int OK = 0;

  /** The server refused or failed; or a file could not be read. */
  public static final int FAILED = 1;

  /** The command was not understood; nothing was sent. */
  public static final int USAGE = 2;

  /** What was named is not there. */
  public static final int NOT_FOUND = 3;

  /** The server gave no answer. */
  public static final int UNREACHABLE = 4;

  /** Some events, or what was read of them, are not committed. */
  public static final int NOT_COMMITTED = 5;

  private static final int HTTP_NOT_FOUND = 404;

  private ExitCode() {}

  /** What each means, in order. */
  public static Map<String, String> descriptions() {
    Map<String, String> descriptions = new LinkedHashMap<>();
    descriptions.put(" 0", "all that was asked for is done");
    descriptions.put(" 1", "the server refused or failed; status: it is not ready");
    descriptions.put(" 2", "the command was not understood; nothing was sent");
    descriptions.put(" 3", "what was named is not there");
    descriptions.put(" 4", "the server gave no answer");
    descriptions.put(" 5", "some events, or some of what was read, are not committed");
    return descriptions;
  }

  /** How a command ends that failed so. */
  public static int of(OttlaException failure) {
    if (failure.status() == HTTP_NOT_FOUND) {
      return NOT_FOUND;
    }
    return switch (failure.code()) {
      case "connection_failed", "request_timeout" -> UNREACHABLE;
      default -> FAILED;
    };
  }
}
