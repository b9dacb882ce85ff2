package io.ottla.http;

import java.util.concurrent.atomic.AtomicLong;

/** What the bodies of all requests may hold together. Thread-safe. */
public final class RequestMemory {
  private final long limitBytes;
  private final AtomicLong takenBytes = new AtomicLong();

  /** So many bytes for all. */
  public RequestMemory(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Takes so much; false, and nothing is taken, if there is not so much left. */
  public boolean tryTake(long bytes) {
    if (takenBytes.addAndGet(bytes) <= limitBytes) {
      return true;
    }
    takenBytes.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  public void give(long bytes) {
    takenBytes.addAndGet(-bytes);
  }

  /** What is taken. */
  public long takenBytes() {
    return takenBytes.get();
  }

  /** What to say to a request for which there is none left. */
  public static ProblemException exhausted() {
    return new ProblemException(
        new Problem(
            503,
            "overloaded",
            true,
            "Too many bytes of requests are in flight.",
            java.util.Map.of()));
  }
}
