package io.ottla.broker.consume;

import java.time.Duration;
import java.util.Optional;

/**
 * A read without a consumer: no state, any number of times. Exactly one of {@code offset} and
 * {@code from} is present.
 */
public record FetchRequest(
    Optional<String> cluster,
    String topic,
    int partition,
    Optional<Long> offset,
    Optional<StartFrom> from,
    Limits limits) {

  /**
   * How much one answer may hold and how long it may wait.
   *
   * @param maxEvents 1 to 100,000
   * @param maxBytes up to 16 MiB; at least one event is answered whatever its size
   * @param maxWait answers as soon as there is one event, at the latest after this
   */
  public record Limits(int maxEvents, int maxBytes, Duration maxWait) {}
}
