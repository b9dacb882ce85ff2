package io.ottla.client;

import java.util.TreeSet;

/**
 * The number under which a producer is known in a cluster, and the sequences of its requests. The
 * sender's.
 */
final class ProducerIdentity {
  /** The server remembers 1,024: fewer may lie between the oldest unanswered and the newest. */
  private static final int MOST_UNANSWERED = 1_000;

  private static final long NONE = -1;

  private final String cluster;
  private final TreeSet<Long> unanswered = new TreeSet<>();
  private long id = NONE;
  private long nextSequence = 1;
  private boolean registering;
  private int failures;
  private long retryNanos;

  ProducerIdentity(String cluster) {
    this.cluster = cluster;
  }

  String cluster() {
    return cluster;
  }

  long id() {
    return id;
  }

  boolean isKnown() {
    return id != NONE;
  }

  /** Whether another request may be numbered now. */
  boolean hasRoom() {
    return isKnown()
        && (unanswered.isEmpty() || nextSequence - unanswered.first() < MOST_UNANSWERED);
  }

  /** The next request's number. */
  long takeSequence() {
    unanswered.add(nextSequence);
    return nextSequence++;
  }

  /** The request of that number will not be sent again. */
  void answered(long producerId, long sequence) {
    if (producerId == id) {
      unanswered.remove(sequence);
    }
  }

  /** The server does not know that number any more. */
  void forget(long producerId) {
    if (producerId == id) {
      id = NONE;
      unanswered.clear();
      nextSequence = 1;
    }
  }

  /** Whether it is time to ask for a number. */
  boolean mustRegister(long now) {
    return !isKnown() && !registering && (failures == 0 || now - retryNanos >= 0);
  }

  void registering() {
    registering = true;
  }

  void registered(long producerId) {
    registering = false;
    failures = 0;
    id = producerId;
  }

  /** Asking failed; how often in a row. */
  int registrationFailed() {
    registering = false;
    return ++failures;
  }

  /** When to ask again. */
  void retryAt(long nanos) {
    retryNanos = nanos;
  }

  /** Asks again at the next need. */
  void startOver() {
    failures = 0;
  }

  /** How long until it is time to ask again; at most the given time. */
  long nanosToRetry(long now, long mostNanos) {
    boolean waits = !isKnown() && !registering && failures > 0;
    return waits ? Math.min(mostNanos, Math.max(0, retryNanos - now)) : mostNanos;
  }
}
