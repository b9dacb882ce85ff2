package io.ottla.metadata;

/** Checks of what a caller hands in; a failure is the caller's bug. */
final class Range {
  private Range() {}

  /** Refuses what is not in [{@code lowest}, {@code highest}]. */
  static void check(String what, long value, long lowest, long highest) {
    if (value < lowest || value > highest) {
      throw new IllegalArgumentException(
          what + " is " + value + ", must be from " + lowest + " to " + highest);
    }
  }

  /**
   * Refuses hours that are neither -1 (for ever) nor in [0, {@link
   * TopicConfig#MAX_RETENTION_HOURS}].
   */
  static void checkRetentionHours(double hours) {
    if (hours != -1 && !(hours >= 0 && hours <= TopicConfig.MAX_RETENTION_HOURS)) {
      throw new IllegalArgumentException("retention hours are " + hours);
    }
  }
}
