package io.ottla.broker.produce;

import io.ottla.replication.ReplicationGroup.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A round that was submitted and whose outcome is not known yet. One thread waits for it; any other
 * may say that it is not waited for any longer.
 *
 * <p>The wait has no time-out of its own: a timer for each round would cost a wake-up of another
 * thread each. Whoever learns of a reason to give up sets the timer.
 */
final class RoundUnderWay {
  private static final Logger LOG = LoggerFactory.getLogger(RoundUnderWay.class);

  private final long term;
  private final CompletableFuture<Outcome> outcome;

  /**
   * @param term of the leader that it was submitted to
   * @param outcome never completed by an exception; it is not changed
   */
  RoundUnderWay(long term, CompletableFuture<Outcome> outcome) {
    this.term = term;
    this.outcome = outcome.copy();
  }

  long term() {
    return term;
  }

  /** Its outcome is unknown if nothing is said of it within that time. */
  void giveUpAfter(Duration patience) {
    var _ =
        outcome.completeOnTimeout(
            new Outcome.Unknown("its leader never said what became of it"),
            patience.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** Waits for the outcome; an interrupt is no reason to leave the callers without one. */
  Outcome await() {
    while (true) {
      try {
        return outcome.get();
      } catch (InterruptedException e) {
        LOG.warn("interrupted, and goes on");
      } catch (ExecutionException e) {
        throw new IllegalStateException("a submission never fails by exception", e);
      }
    }
  }
}
