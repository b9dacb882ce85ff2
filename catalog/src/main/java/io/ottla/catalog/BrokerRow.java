package io.ottla.catalog;

import java.util.UUID;

/**
 * A row of {@code brokers}. Immutable.
 *
 * @param id its number in the cluster, from 1
 * @param state a word for a person: {@code running}, {@code stopped}, {@code failed}
 * @param directory relative to the data directory
 */
public record BrokerRow(
    int id,
    UUID clusterId,
    String host,
    int port,
    String state,
    String directory,
    long createdAtMs) {}
