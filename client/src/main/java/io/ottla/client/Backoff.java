package io.ottla.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before another attempt: from the shortest time on doubled with each failure up
 * to the longest, less up to a fifth by chance so that many clients do not come at once. Immutable.
 *
 * @param shortest before the second attempt
 * @param longest before any attempt
 */
record Backoff(Duration shortest, Duration longest) {
  static final Backoff DEFAULT = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));

  Backoff {
    if (shortest.isNegative() || longest.compareTo(shortest) < 0) {
      throw new IllegalArgumentException("backoff from " + shortest + " to " + longest);
    }
  }

  /** The time to wait after so many failures, at least one. */
  long nanos(int failures) {
    double doubled = (double) shortest.toNanos() * Math.pow(2, Math.min(failures - 1, 40));
    double nanos = Math.min(doubled, (double) longest.toNanos());
    return (long) (nanos * (1 - ThreadLocalRandom.current().nextDouble() / 5));
  }

  /** The same, or longer if the server's answer asks for it. */
  long nanos(int failures, Response answer) {
    long asked = answer == null ? 0 : retryAfterNanos(answer);
    return Math.max(nanos(failures), asked);
  }

  private static long retryAfterNanos(Response answer) {
    try {
      return answer
          .headers()
          .firstValue("Retry-After")
          .map(seconds -> (long) (Double.parseDouble(seconds.strip()) * 1e9))
          .orElse(0L);
    } catch (NumberFormatException aDate) {
      return 0;
    }
  }

  /**
   * Sends a request that may be repeated, until it is answered or has failed for good or the time
   * is over; then the last failure is thrown. Waits in between.
   */
  Response send(Transport transport, Request request, Duration within) {
    long startNanos = System.nanoTime();
    for (int failures = 1; ; failures++) {
      Response answer = null;
      OttlaException failure;
      try {
        answer = transport.send(request);
        if (answer.status() < 300) {
          return answer;
        }
        failure = answer.failure();
      } catch (OttlaException e) {
        failure = e;
      }
      long pauseNanos = nanos(failures, answer);
      long leftNanos = within.toNanos() - (System.nanoTime() - startNanos);
      if (!failure.retriable() || failure.code().equals("interrupted") || pauseNanos > leftNanos) {
        throw failure;
      }
      pause(pauseNanos);
    }
  }

  /** Waits; an interrupt ends that. */
  static void pause(long nanos) {
    try {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw OttlaException.noAnswer("interrupted", "Interrupted before another attempt.", e);
    }
  }
}
