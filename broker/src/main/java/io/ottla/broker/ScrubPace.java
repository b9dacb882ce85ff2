package io.ottla.broker;

/**
 * How much the scrubbers of all clusters of a process may read: so many bytes a second together.
 * Thread-safe; guards its fields by itself.
 */
final class ScrubPace {
  private static final double NANOS_PER_SECOND = 1e9;

  private final long bytesPerSecond;
  private double availableBytes;
  private long countedAtNanos = System.nanoTime();

  ScrubPace(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** What may be read now; at most what one second gives, however long nobody asked. */
  synchronized long available() {
    long nowNanos = System.nanoTime();
    double more = (nowNanos - countedAtNanos) / NANOS_PER_SECOND * (double) bytesPerSecond;
    countedAtNanos = nowNanos;
    availableBytes = Math.min((double) bytesPerSecond, availableBytes + more);
    return Math.max(0, (long) availableBytes);
  }

  /** So much was read; it may have been more than was available. */
  synchronized void took(long bytes) {
    availableBytes -= (double) bytes;
  }
}
