package io.ottla.catalog;

import java.util.UUID;

/** A row of {@code consumers}. Immutable. */
public record ConsumerRow(long id, UUID clusterId, String groupName, long createdAtMs) {}
