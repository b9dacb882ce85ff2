package io.ottla.broker.produce;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.store.ProducerClaim;
import io.ottla.log.Compression;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A request's events for one partition: appended together, in their order, or not at all.
 * Immutable.
 *
 * @param compression how a large share is compressed
 * @param events at least one; their own {@code partition} is not looked at
 * @param timestampMs of events without a time of their own
 * @param condition what must hold for it to be appended
 * @param deadlineNanos of {@link System#nanoTime}: until when the caller waits
 */
public record Share(
    UUID topicId,
    int partition,
    Compression compression,
    List<Event> events,
    long timestampMs,
    Condition condition,
    long deadlineNanos) {

  /** What must hold for a share to be appended. Immutable. */
  public sealed interface Condition {
    /** Nothing. */
    record None() implements Condition {}

    /** The leader's term is this one. */
    record Term(long term) implements Condition {}

    /** The partition has exactly what the claim says of its sequence: it is not appended twice. */
    record Claimed(ProducerClaim claim) implements Condition {}
  }

  /** What makes its retry recognizable; empty if nothing does. */
  Optional<ProducerClaim> claim() {
    return condition instanceof Condition.Claimed(ProducerClaim claim)
        ? Optional.of(claim)
        : Optional.empty();
  }
}
