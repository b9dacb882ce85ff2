package io.ottla.benchmarks;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What a load brought about. One owner at a time. */
final class LoadResult {
  /** A server that is silent for so long has failed the run. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int CREATED = 201;

  private final long fromNanos;
  private final long untilNanos;
  private final int eventsPerRequest;
  private final Histogram latencyNanos = new Histogram(PATIENCE.toNanos() * 2, 3);
  private final Map<Integer, Long> otherStatuses = new TreeMap<>();
  private long measuredRequests;
  private long ackedRequests;

  LoadResult(long fromNanos, Duration measured, int eventsPerRequest) {
    this.fromNanos = fromNanos;
    this.untilNanos = fromNanos + measured.toNanos();
    this.eventsPerRequest = eventsPerRequest;
  }

  void answered(int status, long sentNanos, long nowNanos) {
    if (status != CREATED) {
      otherStatuses.merge(status, 1L, Long::sum);
      return;
    }
    ackedRequests++;
    if (nowNanos >= fromNanos && nowNanos < untilNanos) {
      measuredRequests++;
      latencyNanos.recordValue(nowNanos - sentNanos);
    }
  }

  boolean isOver(long nowNanos) {
    return nowNanos >= untilNanos;
  }

  /** All events that were answered with 201, warm-up and last answers included. */
  long ackedEvents() {
    return ackedRequests * eventsPerRequest;
  }

  /** All requests that were answered otherwise, by status. */
  Map<Integer, Long> otherStatuses() {
    return otherStatuses;
  }

  double eventsPerSecond() {
    return measuredRequests * eventsPerRequest / ((untilNanos - fromNanos) / 1e9);
  }

  double latencyMillis(double percentile) {
    return latencyNanos.getValueAtPercentile(percentile) / 1e6;
  }
}
