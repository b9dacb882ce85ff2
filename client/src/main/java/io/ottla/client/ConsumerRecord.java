package io.ottla.client;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A record that was read. Immutable, as long as nobody changes its arrays.
 *
 * @param topic the topic's name
 * @param partition the partition's number
 * @param offset the record's number in its partition
 * @param timestamp milliseconds since 1970
 * @param key null if it has none
 * @param value exactly the stored bytes; null: a tombstone
 * @param headers in their order
 */
@SuppressWarnings("ArrayRecordComponent")
public record ConsumerRecord(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte[] key,
    byte[] value,
    List<Header> headers) {
  /** Copies the list of headers. */
  public ConsumerRecord {
    headers = List.copyOf(headers);
  }

  /**
   * The key as text.
   *
   * @return the key read as UTF-8, or null if there is none
   */
  public String keyText() {
    return key == null ? null : new String(key, StandardCharsets.UTF_8);
  }

  /**
   * The value as text: the JSON text of a JSON value.
   *
   * @return the value read as UTF-8, or null if there is none
   */
  public String valueText() {
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  /**
   * Where it came from.
   *
   * @return the topic and the partition
   */
  public TopicPartition topicPartition() {
    return new TopicPartition(topic, partition);
  }
}
