package io.ottla.replication;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What tells a leader's entries from bytes that a client made up: a random number, the same for all
 * entries of a term, that nobody outside is told. Thread-safe.
 */
final class EntryStamps {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final AtomicReference<Stamp> newest = new AtomicReference<>(new Stamp(-1, 0));

  private record Stamp(long term, long value) {}

  /** The stamp of a term; that of a newer one if there is one: an older round gets no index. */
  long of(long term) {
    Stamp now = newest.get();
    if (now.term() < term) {
      Stamp fresh = new Stamp(term, RANDOM.nextLong());
      now = newest.updateAndGet(old -> old.term() >= term ? old : fresh);
    }
    return now.value();
  }
}
