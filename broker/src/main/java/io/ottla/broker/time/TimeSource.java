package io.ottla.broker.time;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Where time comes from: a wall clock, which people and programs set, and a monotonic one, which
 * only counts. Thread-safe.
 */
public interface TimeSource extends InstantSource {
  /** Nanoseconds since some moment, as {@link System#nanoTime}: differences count. */
  long nanoTime();

  /** This wall clock and the system's monotonic clock, unless it has one of its own. */
  static TimeSource of(InstantSource wall) {
    return wall instanceof TimeSource both ? both : new OfSystem(wall);
  }

  /** A wall clock beside the system's monotonic one. */
  record OfSystem(InstantSource wall) implements TimeSource {
    @Override
    public Instant instant() {
      return wall.instant();
    }

    @Override
    public long millis() {
      return wall.millis();
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }
  }
}
