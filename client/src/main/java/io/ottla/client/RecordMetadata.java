package io.ottla.client;

/**
 * Where a record was appended. Immutable.
 *
 * @param topic the topic's name
 * @param partition the partition's number
 * @param offset the record's number in its partition
 * @param timestamp the record's time in milliseconds since 1970
 */
public record RecordMetadata(String topic, int partition, long offset, long timestamp) {}
