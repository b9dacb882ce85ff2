package io.ottla.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Finds the events of one topic in the bytes of an answer, be it JSON, lines or server-sent events,
 * without reading the JSON: it knows how an event begins, and that the benchmarks' values hold no
 * braces. It counts every event and checks every offset to be its partition's next. One owner at a
 * time.
 *
 * <pre>
 * {"topic":"name","partition":1,"offset":17,…
 * </pre>
 */
final class EventScanner {
  private static final byte[] OFFSET = ascii(",\"offset\":");
  private static final byte[] VALUE = ascii("\"value\":\"");

  private final byte[] begin;
  private final long[] nextOffsets;
  private final TimeSink times;
  private Phase phase = Phase.SEEK;
  private int matched;
  private long number;
  private int partition;
  private long events;

  private enum Phase {
    SEEK,
    BEGIN,
    PARTITION,
    OFFSET_NAME,
    OFFSET_NUMBER,
    VALUE_NAME,
    VALUE_DIGITS
  }

  /** Is told the number that an event's value begins with. */
  @FunctionalInterface
  interface TimeSink {
    /** One event. */
    void take(long number);
  }

  private EventScanner(String topic, int partitions, TimeSink times) {
    this.begin = ascii("{\"topic\":\"" + topic + "\",\"partition\":");
    this.nextOffsets = new long[partitions];
    this.times = times;
  }

  /** Counts and checks; every partition begins at offset 0. */
  static EventScanner of(String topic, int partitions) {
    return new EventScanner(topic, partitions, null);
  }

  /** The same, and tells the number that each value, a string, begins with. */
  static EventScanner withTimes(String topic, int partitions, TimeSink times) {
    return new EventScanner(topic, partitions, times);
  }

  /** All events so far. */
  long events() {
    return events;
  }

  long nextOffset(int ofPartition) {
    return nextOffsets[ofPartition];
  }

  /** Goes on with these bytes; an event may be cut anywhere. */
  void scan(byte[] bytes, int from, int to) throws IOException {
    int at = from;
    while (at < to) {
      switch (phase) {
        case SEEK -> {
          while (at < to && bytes[at] != '{') {
            at++;
          }
          if (at < to) {
            become(Phase.BEGIN);
          }
        }
        case BEGIN -> at = match(bytes[at], begin, Phase.PARTITION, at);
        case PARTITION -> at = partitionDigit(bytes[at], at);
        case OFFSET_NAME -> at = match(bytes[at], OFFSET, Phase.OFFSET_NUMBER, at);
        case OFFSET_NUMBER -> at = offsetDigit(bytes[at], at);
        case VALUE_NAME -> at = seekValue(bytes[at], at);
        case VALUE_DIGITS -> at = valueDigit(bytes[at], at);
      }
    }
  }

  private void become(Phase next) {
    phase = next;
    matched = 0;
    number = 0;
  }

  /** Goes on if the byte is the wanted one; if not, seeks from the same byte. */
  private int match(byte next, byte[] wanted, Phase then, int at) {
    if (next != wanted[matched]) {
      // The byte may be a brace that begins the next event.
      phase = Phase.SEEK;
      return at;
    }
    if (++matched == wanted.length) {
      become(then);
    }
    return at + 1;
  }

  private boolean takeDigit(byte next) {
    boolean digit = next >= '0' && next <= '9';
    if (digit) {
      number = number * 10 + (next - '0');
    }
    return digit;
  }

  private int partitionDigit(byte next, int at) {
    if (takeDigit(next)) {
      return at + 1;
    }
    partition = (int) number;
    become(Phase.OFFSET_NAME);
    return at;
  }

  private int offsetDigit(byte next, int at) throws IOException {
    if (takeDigit(next)) {
      return at + 1;
    }
    if (number != nextOffsets[partition]) {
      throw new IOException(
          "partition %d: offset %d where %d was due"
              .formatted(partition, number, nextOffsets[partition]));
    }
    nextOffsets[partition]++;
    events++;
    become(times == null ? Phase.SEEK : Phase.VALUE_NAME);
    return at;
  }

  private int seekValue(byte next, int at) {
    matched = next == VALUE[matched] ? matched + 1 : next == VALUE[0] ? 1 : 0;
    if (matched == VALUE.length) {
      become(Phase.VALUE_DIGITS);
    }
    return at + 1;
  }

  private int valueDigit(byte next, int at) {
    if (takeDigit(next)) {
      return at + 1;
    }
    times.take(number);
    phase = Phase.SEEK;
    return at;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
