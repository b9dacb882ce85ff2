package io.ottla.torture.history;

import java.util.OptionalLong;

/**
 * Names an event: the process that sends it and the process' count, packed in a long that is never
 * negative. As text {@code process-count}.
 */
public final class EventId {
  private static final int COUNT_BITS = 40;

  private EventId() {}

  static long of(int process, long count) {
    return ((long) process << COUNT_BITS) | count;
  }

  static int process(long id) {
    return (int) (id >>> COUNT_BITS);
  }

  static int count(long id) {
    return (int) (id & ((1L << COUNT_BITS) - 1));
  }

  /** As it stands in an event's value. */
  public static String text(long id) {
    return process(id) + "-" + count(id);
  }

  static OptionalLong parse(String text) {
    int dash = text.indexOf('-');
    try {
      int process = Integer.parseInt(text.substring(0, Math.max(dash, 0)));
      int count = Integer.parseInt(text.substring(dash + 1));
      return process < 0 || count < 0 ? OptionalLong.empty() : OptionalLong.of(of(process, count));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
