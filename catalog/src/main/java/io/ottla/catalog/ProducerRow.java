package io.ottla.catalog;

import java.util.UUID;

/** A row of {@code producers}. Immutable. */
public record ProducerRow(long id, UUID clusterId, String name, long createdAtMs) {}
