package io.ottla.broker.identity;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts which copies of an identity file hold what they should. One that cannot be written keeps
 * nothing from being served while another one holds it. One owner.
 */
final class Restored {
  private static final Logger LOG = LoggerFactory.getLogger(Restored.class);

  private boolean anyHolds;
  private IOException failure;

  /** Makes one copy hold it. */
  @FunctionalInterface
  interface Copy {
    void restore() throws IOException;
  }

  /** Restores one copy, or remembers why not. */
  void count(Copy copy) {
    try {
      copy.restore();
      anyHolds = true;
    } catch (IOException e) {
      LOG.warn("copy of an identity file cannot be written; another one counts", e);
      failure = e;
    }
  }

  /**
   * All copies were tried.
   *
   * @throws IOException when none holds it
   */
  void end() throws IOException {
    if (!anyHolds && failure != null) {
      throw failure;
    }
  }
}
