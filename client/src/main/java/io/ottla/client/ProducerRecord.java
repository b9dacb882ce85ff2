package io.ottla.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A record to be sent. Immutable, as long as nobody changes its arrays.
 *
 * @param topic the topic's name
 * @param partition the partition's number; null: it follows from the key, or is chosen
 * @param timestamp milliseconds since 1970; null: the time of sending
 * @param key null if it has none; records with equal keys keep their order
 * @param value null: a tombstone, which deletes its key from a compacted topic. Bytes that are one
 *     JSON value are JSON to whoever reads them; others come back as the bytes they are
 * @param headers names may occur several times
 */
@SuppressWarnings("ArrayRecordComponent")
public record ProducerRecord(
    String topic,
    Integer partition,
    Long timestamp,
    byte[] key,
    byte[] value,
    List<Header> headers) {
  /** Checks that there is a topic, and copies the list of headers. */
  public ProducerRecord {
    Objects.requireNonNull(topic, "topic");
    headers = List.copyOf(headers);
  }

  /**
   * A record with a key and a value of bytes.
   *
   * @param topic the topic's name
   * @param key may be null
   * @param value may be null
   * @return the record
   */
  public static ProducerRecord of(String topic, byte[] key, byte[] value) {
    return new ProducerRecord(topic, null, null, key, value, List.of());
  }

  /**
   * A record with a JSON value.
   *
   * @param topic the topic's name
   * @param key may be null
   * @param json the text of one JSON value; it is not changed
   * @return the record
   */
  public static ProducerRecord ofJson(String topic, String key, String json) {
    return of(topic, utf8(key), utf8(json));
  }

  /**
   * A record whose value is a text, written as a JSON string.
   *
   * @param topic the topic's name
   * @param key may be null
   * @param text any text
   * @return the record
   */
  public static ProducerRecord ofText(String topic, String key, String text) {
    return of(topic, utf8(key), Json.write(Objects.requireNonNull(text, "text")));
  }

  /**
   * A tombstone.
   *
   * @param topic the topic's name
   * @param key the key that has no value any more
   * @return the record
   */
  public static ProducerRecord tombstone(String topic, String key) {
    return of(topic, utf8(key), null);
  }

  /**
   * The same record for that partition.
   *
   * @param number the partition's number
   * @return another record
   */
  public ProducerRecord withPartition(int number) {
    return new ProducerRecord(topic, number, timestamp, key, value, headers);
  }

  /**
   * The same record with that time.
   *
   * @param millis milliseconds since 1970
   * @return another record
   */
  public ProducerRecord withTimestamp(long millis) {
    return new ProducerRecord(topic, partition, millis, key, value, headers);
  }

  /**
   * The same record with one header more.
   *
   * @param header any
   * @return another record
   */
  public ProducerRecord withHeader(Header header) {
    List<Header> more = new ArrayList<>(headers);
    more.add(header);
    return new ProducerRecord(topic, partition, timestamp, key, value, more);
  }

  static byte[] utf8(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
