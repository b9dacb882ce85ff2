package io.ottla.cli.produce;

import io.ottla.cli.terminal.Console;

/** A bar among the messages that grows with what was read. One owner at a time. */
final class Progress {
  private static final long INTERVAL_NANOS = 100_000_000;
  private static final int WIDTH = 30;

  private final Console console;
  private final long totalBytes;
  private long lastNanos = System.nanoTime();

  /**
   * A bar that is not shown before it is due.
   *
   * @param totalBytes how much there is to read; -1 if that is not known
   */
  Progress(Console console, long totalBytes) {
    this.console = console;
    this.totalBytes = totalBytes;
  }

  /** Shows how far it is, unless it was shown just now. */
  void update(long bytes, long events) {
    long now = System.nanoTime();
    if (now - lastNanos >= INTERVAL_NANOS) {
      lastNanos = now;
      show(bytes, events);
    }
  }

  /** Shows how far it came, for the last time. */
  void end(long bytes, long events) {
    show(bytes, events);
    console.say("");
  }

  private void show(long bytes, long events) {
    String counts = "%,d bytes, %,d events".formatted(bytes, events);
    if (totalBytes <= 0) {
      console.sayInPlace("\r" + counts);
      return;
    }
    int filled = (int) (WIDTH * Math.min(bytes, totalBytes) / totalBytes);
    long percent = 100 * Math.min(bytes, totalBytes) / totalBytes;
    console.sayInPlace(
        "\r[%s%s] %3d %%  %s"
            .formatted("#".repeat(filled), " ".repeat(WIDTH - filled), percent, counts));
  }
}
