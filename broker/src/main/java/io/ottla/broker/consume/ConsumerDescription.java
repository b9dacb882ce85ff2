package io.ottla.broker.consume;

import java.util.Optional;

/**
 * A consumer as its users see it. Immutable.
 *
 * @param settings empty when it has no subscription: it never joined its group, or was taken out
 * @param active whether its session runs
 */
public record ConsumerDescription(
    String cluster,
    long createdAtMs,
    Optional<ConsumerSettings> settings,
    boolean active,
    ConsumerMembership membership) {}
