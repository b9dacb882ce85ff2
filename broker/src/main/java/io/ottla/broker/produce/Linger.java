package io.ottla.broker.produce;

/**
 * How long a round waits for company. A round costs about the same whatever it holds, so under load
 * few and full rounds do most; a lone caller should not wait at all.
 *
 * <p>It learns how many callers there are: those that a round answers come back soon, those that
 * queued meanwhile are there already. The next round waits for most of them, and never longer than
 * a few milliseconds. One owner at a time, the round's thread.
 */
final class Linger {
  private static final double WEIGHT_OF_NEWEST = 0.25;
  private static final double SHARE_TO_WAIT_FOR = 0.75;

  private double callers = 1;

  /**
   * A round is answered.
   *
   * @param answered how many it held
   * @param queued how many came meanwhile
   */
  void roundDone(int answered, int queued) {
    callers += WEIGHT_OF_NEWEST * (answered + queued - callers);
  }

  /** How many should have come before the next round goes. */
  int target() {
    return Math.max(1, (int) (callers * SHARE_TO_WAIT_FOR));
  }
}
