package io.ottla.client;

import java.util.List;

/**
 * Whether a server can do all its work. Immutable.
 *
 * @param reasons why it cannot, a sentence each; none if it can
 */
public record Readiness(List<String> reasons) {
  /**
   * Whether it can.
   *
   * @return whether there are no reasons why not
   */
  public boolean isReady() {
    return reasons.isEmpty();
  }
}
