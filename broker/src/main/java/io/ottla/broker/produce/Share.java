package io.ottla.broker.produce;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.log.Compression;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * A request's events for one partition: appended together, in their order, or not at all.
 * Immutable.
 *
 * @param compression how a large share is compressed
 * @param events at least one; their own {@code partition} is not looked at
 * @param timestampMs of events without a time of their own
 * @param requiredTerm append under this term of the leader or not at all; empty: under any
 * @param deadlineNanos of {@link System#nanoTime}: until when the caller waits
 */
public record Share(
    UUID topicId,
    int partition,
    Compression compression,
    List<Event> events,
    long timestampMs,
    OptionalLong requiredTerm,
    long deadlineNanos) {}
