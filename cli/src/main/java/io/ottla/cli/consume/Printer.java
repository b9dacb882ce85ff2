package io.ottla.cli.consume;

import io.ottla.cli.terminal.Console;

/** Prints events until there are enough. One owner at a time. */
final class Printer {
  private final Console console;
  private final EventFormat format;
  private long left;

  /**
   * A printer that has printed nothing yet.
   *
   * @param count how many are enough
   */
  Printer(Console console, EventFormat format, long count) {
    this.console = console;
    this.format = format;
    this.left = count;
  }

  /** Whether there are enough. */
  boolean isDone() {
    return left <= 0;
  }

  /** How many more there may be. */
  long left() {
    return left;
  }

  void print(EventLine event) {
    format.print(console, event);
    left--;
  }

  /** Hands on what was printed. */
  void flush() {
    console.flush();
  }

  /** Something that is not an event. */
  void say(String message) {
    console.say(message);
  }
}
