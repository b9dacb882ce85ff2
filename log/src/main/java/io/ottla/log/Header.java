package io.ottla.log;

/**
 * One header of a record. Names may repeat within a record; the order is kept.
 *
 * @param name never null
 * @param value null is a value of its own, as in Kafka; not copied, must not be changed
 */
@SuppressWarnings("ArrayRecordComponent")
public record Header(String name, byte[] value) {}
