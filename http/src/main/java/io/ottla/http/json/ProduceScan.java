package io.ottla.http.json;

import io.ottla.broker.produce.ProduceRequest.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the JSON body of {@code POST /events} by a scan of its bytes, if it is as plain as most
 * are: strings without escapes, and of an event's fields key, value, partition and timestamp, each
 * once. Of everything else, and of whatever may be wrong, it says nothing; {@link ProduceParser}
 * accepts the same, and more, and says what is wrong. One owner, used once.
 */
final class ProduceScan {
  private static final byte[] TOPIC = Ascii.bytes("topic");
  private static final byte[] CLUSTER = Ascii.bytes("cluster");
  private static final byte[] RESULTS = Ascii.bytes("results");
  private static final byte[] PRODUCER_ID = Ascii.bytes("producer_id");
  private static final byte[] SEQUENCE = Ascii.bytes("sequence");
  private static final byte[] TIMEOUT_MS = Ascii.bytes("timeout_ms");
  private static final byte[] EVENTS = Ascii.bytes("events");
  private static final byte[] KEY = Ascii.bytes("key");
  private static final byte[] VALUE = Ascii.bytes("value");
  private static final byte[] PARTITION = Ascii.bytes("partition");
  private static final byte[] TIMESTAMP = Ascii.bytes("timestamp");

  /** Levels around a value: the body; its list of events and the event. */
  private static final int LEVELS_AROUND_SINGLE = 1;

  private static final int LEVELS_AROUND_LISTED = 3;
  private static final int MAX_PARTITION = 1_000_000;
  private static final int MAX_DIGITS = 18;

  private final byte[] bytes;
  private final int to;
  private final JsonScan values;
  private final ProduceFields fields = new ProduceFields();
  private int at;

  /** Whether what was read so far is plain. */
  private boolean plain = true;

  /** Of the string that was read last. */
  private int stringFrom;

  private int stringTo;

  // Of the event that is being read.
  private boolean hasKey;
  private boolean hasValue;
  private ByteBuffer key;
  private ByteBuffer value;
  private long partition;
  private long timestampMs;

  private ProduceScan(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.to = to;
    this.values = new JsonScan(bytes, to, Json.MAX_DEPTH);
  }

  /** Reads {@code bytes[from, to)}, which are valid UTF-8; null if they are not that plain. */
  static ProduceFields read(byte[] bytes, int from, int to) {
    ProduceScan scan = new ProduceScan(bytes, from, to);
    scan.readBody();
    return scan.plain ? scan.fields : null;
  }

  private void readBody() {
    beginEvent();
    expect('{');
    boolean more = plain;
    while (more) {
      readString();
      int from = stringFrom;
      int end = stringTo;
      expect(':');
      if (plain) {
        readField(from, end);
      }
      more = another('}');
    }
    at = Json.afterSpace(bytes, at, to);
    plain &= at == to;
    if (fields.events == null) {
      fields.single = event();
    }
  }

  private void readField(int from, int end) {
    if (is(TOPIC, from, end)) {
      fields.topic = text(fields.topic);
    } else if (is(EVENTS, from, end)) {
      plain &= fields.events == null;
      readEvents();
    } else if (is(CLUSTER, from, end)) {
      fields.cluster = text(fields.cluster);
    } else if (is(RESULTS, from, end)) {
      fields.results = text(fields.results);
    } else if (is(PRODUCER_ID, from, end)) {
      fields.producerId = number(fields.producerId, 1, Long.MAX_VALUE);
    } else if (is(SEQUENCE, from, end)) {
      fields.sequence = number(fields.sequence, 0, Long.MAX_VALUE);
    } else if (is(TIMEOUT_MS, from, end)) {
      fields.timeoutMs = number(fields.timeoutMs, 1, ProduceBody.MAX_TIMEOUT_MS);
    } else {
      if (fields.firstOfSingle == null) {
        fields.firstOfSingle = new String(bytes, from, end - from, StandardCharsets.UTF_8);
      }
      readEventField(from, end, LEVELS_AROUND_SINGLE);
    }
  }

  private void readEvents() {
    List<Event> events = new ArrayList<>();
    expect('[');
    boolean more = plain;
    while (more) {
      plain &= events.size() < ProduceBody.MAX_EVENTS;
      beginEvent();
      expect('{');
      boolean moreFields = plain;
      while (moreFields) {
        readString();
        int from = stringFrom;
        int end = stringTo;
        expect(':');
        if (plain) {
          readEventField(from, end, LEVELS_AROUND_LISTED);
        }
        moreFields = another('}');
      }
      events.add(event());
      more = another(']');
    }
    beginEvent();
    fields.events = events;
  }

  private void readEventField(int from, int end, int levelsAround) {
    if (is(VALUE, from, end)) {
      plain &= !hasValue;
      hasValue = true;
      value = value(levelsAround);
    } else if (is(KEY, from, end)) {
      plain &= !hasKey;
      hasKey = true;
      readString();
      key = plain ? Ascii.slice(bytes, stringFrom, stringTo) : null;
    } else if (is(PARTITION, from, end)) {
      partition = number(partition, 0, MAX_PARTITION);
    } else if (is(TIMESTAMP, from, end)) {
      timestampMs = number(timestampMs, 0, Long.MAX_VALUE);
    } else {
      plain = false;
    }
  }

  private void beginEvent() {
    hasKey = false;
    hasValue = false;
    key = null;
    value = null;
    partition = ProduceFields.NOT_SAID;
    timestampMs = ProduceFields.NOT_SAID;
  }

  private Event event() {
    return new Event(
        partition < 0 ? null : Integer.valueOf((int) partition),
        key,
        value,
        List.of(),
        timestampMs < 0 ? Event.NO_TIMESTAMP : timestampMs);
  }

  /** Goes behind that character and the space before it. */
  private void expect(char wanted) {
    at = Json.afterSpace(bytes, at, to);
    plain &= at < to && bytes[at] == wanted;
    at++;
  }

  /** Behind a comma there is one more; behind the closing character there is none. */
  private boolean another(char closing) {
    at = Json.afterSpace(bytes, at, to);
    if (!plain || at >= to) {
      plain = false;
      return false;
    }
    byte b = bytes[at++];
    plain = b == ',' || b == closing;
    return b == ',';
  }

  private boolean is(byte[] name, int from, int end) {
    return end - from == name.length && Ascii.startsWith(bytes, from, end, name);
  }

  /** A string without escapes; its bytes are from {@code stringFrom} to {@code stringTo}. */
  private void readString() {
    expect('"');
    int from = at;
    int end = from;
    while (plain && end < to && bytes[end] != '"') {
      plain = bytes[end] != '\\' && (bytes[end] < 0 || bytes[end] >= ' ');
      end++;
    }
    plain &= end < to;
    stringFrom = from;
    stringTo = end;
    at = end + 1;
  }

  private String text(String before) {
    readString();
    plain &= before == null;
    return plain
        ? new String(bytes, stringFrom, stringTo - stringFrom, StandardCharsets.UTF_8)
        : "";
  }

  /** A whole number as JSON writes it, of digits alone. */
  private long number(long before, long lowest, long highest) {
    at = Json.afterSpace(bytes, at, to);
    int from = at;
    long number = 0;
    while (at < to && bytes[at] >= '0' && bytes[at] <= '9' && at - from < MAX_DIGITS) {
      number = 10 * number + (bytes[at++] - '0');
    }
    plain &=
        before == ProduceFields.NOT_SAID
            && at > from
            && (bytes[from] != '0' || at == from + 1)
            && number >= lowest
            && number <= highest;
    return number;
  }

  /** A value, from its first token to its last byte; null for {@code null}. */
  private ByteBuffer value(int levelsAround) {
    at = Json.afterSpace(bytes, at, to);
    int from = at;
    int end = values.end(from, Json.MAX_DEPTH - levelsAround);
    if (end < 0) {
      plain = false;
      return null;
    }
    at = end;
    // The only value that begins so.
    return bytes[from] == 'n' ? null : Ascii.slice(bytes, from, end);
  }
}
