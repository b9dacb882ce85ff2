package io.ottla.broker.produce;

import io.ottla.log.Header;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Events to append to one topic: all are checked before any is appended.
 *
 * @param events at least one, in input order
 * @param producer empty: sent again, the events are appended again
 */
public record ProduceRequest(
    Optional<String> cluster,
    String topic,
    List<Event> events,
    Duration timeout,
    Optional<ProducerSequence> producer) {

  /**
   * One event. Its bytes are not copied and must not be changed until the answer.
   *
   * @param partition null: chosen by key, or round-robin
   * @param key null if it has none; an empty key is a key
   * @param value null is a tombstone
   * @param timestampMs the event's own time; {@link #NO_TIMESTAMP}: the time of the request
   */
  public record Event(
      Integer partition, ByteBuffer key, ByteBuffer value, List<Header> headers, long timestampMs) {
    /** No time of its own. */
    public static final long NO_TIMESTAMP = Long.MIN_VALUE;
  }
}
