package io.ottla.catalog;

import java.util.UUID;

/**
 * A row of {@code clusters}. Immutable.
 *
 * @param partitions of topics that do not say how many
 * @param retentionHours -1 = for ever; the column is called {@code retention_policies}, as in the
 *     request
 */
public record ClusterRow(
    UUID id,
    String name,
    int numBrokers,
    int replicationFactor,
    String logDirectory,
    int partitions,
    double retentionHours,
    long createdAtMs) {}
