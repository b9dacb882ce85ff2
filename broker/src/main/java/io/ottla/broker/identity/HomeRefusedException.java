package io.ottla.broker.identity;

import java.io.IOException;

/**
 * A broker must not be started: it is not sure which directory is its own, or there is nothing to
 * make it again from. Nothing was touched. The message says what can be done.
 */
public final class HomeRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  HomeRefusedException(String message) {
    super(message);
  }

  /** With what the disk said, null if it said nothing: that may pass by itself. */
  HomeRefusedException(String message, IOException cause) {
    super(message, cause);
  }
}
