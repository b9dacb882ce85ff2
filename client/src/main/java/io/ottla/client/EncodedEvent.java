package io.ottla.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A record as the members of its event in a request, all but the partition. Immutable.
 *
 * @param members JSON text, {@code "timestamp":…} and what follows, with the closing brace
 * @param timestamp milliseconds since 1970
 * @param units what counts against the bounds of a request: the event and its headers
 */
record EncodedEvent(Bytes members, long timestamp, int units) {
  /** The largest number that fits into an event's {@code timestamp}. */
  private static final long LATEST = 999_999_999_999_999_999L;

  /** Bounds what an event has beside its members: the opening, the comma, and who waits for it. */
  private static final int BESIDE_BYTES = 64;

  /** What it takes of the buffer's memory, and at most of a request. */
  int costBytes() {
    return members.size() + BESIDE_BYTES;
  }

  /** Encodes a record; an {@link OttlaException} if it cannot be one. */
  static EncodedEvent of(ProducerRecord record, long nowMillis) {
    long timestamp = record.timestamp() == null ? nowMillis : record.timestamp();
    if (timestamp < 0 || timestamp > LATEST) {
      throw invalid("The timestamp " + timestamp + " is out of range.");
    }
    int keyBytes = record.key() == null ? 0 : record.key().length;
    int valueBytes = record.value() == null ? 0 : record.value().length;
    Bytes members = new Bytes(64 + keyBytes + valueBytes + valueBytes / 16);
    members.ascii("\"timestamp\":").ascii(Long.toString(timestamp));
    if (record.key() != null) {
      text(members.ascii(","), "key", record.key());
    }
    if (record.value() != null) {
      value(members, record.value());
    }
    if (!record.headers().isEmpty()) {
      headers(members, record.headers());
    }
    members.add((byte) '}');
    return new EncodedEvent(members, timestamp, 1 + record.headers().size());
  }

  private static void value(Bytes members, byte[] value) {
    if (JsonText.isOneValue(value)) {
      members.ascii(",\"value\":").add(value);
    } else {
      base64(members.ascii(","), "value", value);
    }
  }

  private static void text(Bytes members, String name, byte[] bytes) {
    if (Utf8.isValid(bytes)) {
      members.quoted(name).add((byte) ':').quoted(bytes);
    } else {
      base64(members, name, bytes);
    }
  }

  private static void base64(Bytes members, String name, byte[] bytes) {
    members
        .quoted(name + "_base64")
        .ascii(":\"")
        .add(Base64.getEncoder().encode(bytes))
        .add((byte) '"');
  }

  private static void headers(Bytes members, List<Header> headers) {
    Set<String> names = new HashSet<>();
    boolean plain = true;
    for (Header header : headers) {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(header.name())) {
        throw invalid("A header's name holds half a surrogate pair.");
      }
      plain &= names.add(header.name()) && header.value() != null && Utf8.isValid(header.value());
    }
    members.ascii(plain ? ",\"headers\":{" : ",\"header_list\":[");
    String separator = "";
    for (Header header : headers) {
      members.ascii(separator);
      separator = ",";
      if (plain) {
        members.quoted(header.name()).add((byte) ':').quoted(header.value());
      } else {
        listed(members, header);
      }
    }
    members.add((byte) (plain ? '}' : ']'));
  }

  private static void listed(Bytes members, Header header) {
    members.ascii("{\"name\":").quoted(header.name()).ascii(",");
    if (header.value() == null) {
      members.ascii("\"value\":null");
    } else {
      text(members, "value", header.value());
    }
    members.add((byte) '}');
  }

  private static OttlaException invalid(String message) {
    return OttlaException.notSent("invalid_record", message);
  }

  /** The opening of an event, which its members follow. */
  static String opening(int partition) {
    return "{\"partition\":" + partition + ",";
  }
}
