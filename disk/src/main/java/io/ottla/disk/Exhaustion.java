package io.ottla.disk;

import java.util.Optional;

/** What a machine may run out of for a while. */
public enum Exhaustion {
  /** A file system, or a quota on it, is full: ENOSPC, EDQUOT. */
  SPACE("No space left on device", "Disk quota exceeded"),
  /** The process or the machine has no descriptor left: EMFILE, ENFILE. */
  DESCRIPTORS("Too many open files", "Too many open files in system");

  private static final int DEEPEST_CAUSE = 32;

  private final String message;
  private final String otherMessage;

  Exhaustion(String message, String otherMessage) {
    this.message = message;
    this.otherMessage = otherMessage;
  }

  /**
   * What a failure came from, if it is one that passes. Java gives the reason as the C library's
   * text, which is English unless the process has another locale; then it is not recognized.
   *
   * <p>A force that failed is never one that passes, whatever it ran out of: the system may have
   * dropped what was to be written, and a later force would not say so.
   */
  public static Optional<Exhaustion> of(Throwable failure) {
    if (isOfForce(failure)) {
      return Optional.empty();
    }
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      for (Exhaustion each : values()) {
        if (each.isIn(cause.getMessage())) {
          return Optional.of(each);
        }
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  private boolean isIn(String text) {
    return text != null && (text.contains(message) || text.contains(otherMessage));
  }

  /** Whether the failure came out of a force of the JDK's channels. */
  public static boolean isOfForce(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      for (StackTraceElement frame : cause.getStackTrace()) {
        if (frame.getClassName().startsWith("sun.nio.ch.")
            && frame.getMethodName().startsWith("force")) {
          return true;
        }
      }
      cause = cause.getCause();
    }
    return false;
  }
}
