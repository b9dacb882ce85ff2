package io.ottla.broker;

import io.ottla.broker.time.TimeSource;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** An honest time that the test moves: both clocks show it. */
public record TestTime(LongSupplier nowMs) implements TimeSource {
  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(nowMs.getAsLong());
  }

  @Override
  public long nanoTime() {
    return TimeUnit.MILLISECONDS.toNanos(nowMs.getAsLong());
  }
}
