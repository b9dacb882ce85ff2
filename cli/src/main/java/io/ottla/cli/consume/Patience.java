package io.ottla.cli.consume;

import io.ottla.client.OttlaException;
import java.time.Duration;
import java.util.function.Supplier;

/** Asks again what a server could not answer just now, such as while a leader is elected. */
final class Patience {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private Patience() {}

  /** The answer; the last failure if it stays away, or at once if asking again is no use. */
  static <T> T ask(Supplier<T> question) throws InterruptedException {
    long startedNanos = System.nanoTime();
    while (true) {
      try {
        return question.get();
      } catch (OttlaException e) {
        if (Thread.interrupted() || e.code().equals("interrupted")) {
          throw new InterruptedException();
        }
        if (!e.retriable() || System.nanoTime() - startedNanos > LIMIT.toNanos()) {
          throw e;
        }
        Thread.sleep(PAUSE);
      }
    }
  }
}
