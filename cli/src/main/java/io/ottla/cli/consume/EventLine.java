package io.ottla.cli.consume;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.StringJoiner;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An event as the server wrote it: {@code bytes[from, to)} is a JSON object without spaces between
 * its own tokens, of which it is known where each member is; nothing is decoded before it is asked
 * for. Immutable, as long as nobody changes the array.
 */
public final class EventLine {
  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private final byte[] bytes;
  private final int from;
  private final int to;
  private final Member topic = new Member();
  private final Member partition = new Member();
  private final Member offset = new Member();
  private final Member timestamp = new Member();
  private final Member key = new Member();
  private final Member keyBase64 = new Member();
  private final Member value = new Member();
  private final Member valueBase64 = new Member();
  private final Member headers = new Member();
  private final Member headerList = new Member();

  /** Where a member's JSON is; nowhere if {@code to} is 0. */
  private static final class Member {
    private int from;
    private int to;

    private boolean isThere() {
      return to > 0;
    }
  }

  private EventLine(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    int at = from + 1;
    while (at < to && bytes[at] == '"') {
      int nameEnd = afterString(at);
      int valueEnd = afterValue(nameEnd + 1);
      Member member = member(new String(bytes, at + 1, nameEnd - at - 2, StandardCharsets.UTF_8));
      if (member != null) {
        member.from = nameEnd + 1;
        member.to = valueEnd;
      }
      at = valueEnd + 1;
    }
  }

  /** The line that is at {@code bytes[from, to)}, without its line feed. */
  static EventLine at(byte[] bytes, int from, int to) {
    return new EventLine(bytes, from, to);
  }

  /** The events among lines that end with a line feed each. */
  public static List<EventLine> split(byte[] lines) {
    List<EventLine> events = new ArrayList<>();
    int from = 0;
    for (int at = 0; at < lines.length; at++) {
      if (lines[at] == '\n') {
        EventLine line = new EventLine(lines, from, at);
        if (line.isEvent()) {
          events.add(line);
        }
        from = at + 1;
      }
    }
    return events;
  }

  private Member member(String name) {
    return switch (name) {
      case "topic" -> topic;
      case "partition" -> partition;
      case "offset" -> offset;
      case "timestamp" -> timestamp;
      case "key" -> key;
      case "key_base64" -> keyBase64;
      case "value" -> value;
      case "value_base64" -> valueBase64;
      case "headers" -> headers;
      case "header_list" -> headerList;
      default -> null;
    };
  }

  /** The index behind the string that begins there. */
  private int afterString(int quote) {
    int at = quote + 1;
    while (bytes[at] != '"') {
      at += bytes[at] == '\\' ? 2 : 1;
    }
    return at + 1;
  }

  /** The index of what ends the value that begins there, space around it included. */
  private int afterValue(int begin) {
    int depth = 0;
    int at = begin;
    while (at < to) {
      byte c = bytes[at];
      if (c == '"') {
        at = afterString(at);
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) {
        return at;
      }
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      }
      at++;
    }
    return at;
  }

  /** Whether it is an event, and not something that the server says between events. */
  boolean isEvent() {
    return offset.isThere();
  }

  /** The line's bytes, without a line feed. */
  byte[] json() {
    return Arrays.copyOfRange(bytes, from, to);
  }

  /** The line as text. */
  String text() {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  int partition() {
    return (int) number(partition);
  }

  /** The event's number in its partition. */
  public long offset() {
    return number(offset);
  }

  /** Milliseconds since 1970. */
  long timestamp() {
    return number(timestamp);
  }

  private long number(Member member) {
    return Long.parseLong(
        new String(bytes, member.from, member.to - member.from, StandardCharsets.US_ASCII));
  }

  byte[] topic() {
    return unquoted(topic);
  }

  /** The value's bytes; {@code null} as text for a tombstone, as for the value null. */
  byte[] value() {
    if (valueBase64.isThere()) {
      return Base64.getDecoder().decode(unquoted(valueBase64));
    }
    return value.isThere() ? Arrays.copyOfRange(bytes, value.from, value.to) : NULL;
  }

  /** The key's bytes; none if there is no key. */
  byte[] key() {
    if (keyBase64.isThere()) {
      return Base64.getDecoder().decode(unquoted(keyBase64));
    }
    return key.isThere() && bytes[key.from] == '"' ? unquoted(key) : new byte[0];
  }

  /** The bytes that a JSON string stands for, in UTF-8. */
  private byte[] unquoted(Member member) {
    for (int at = member.from; at < member.to; at++) {
      if (bytes[at] == '\\') {
        try (JsonParser parser = parser(member)) {
          parser.nextToken();
          return parser.getString().getBytes(StandardCharsets.UTF_8);
        }
      }
    }
    return Arrays.copyOfRange(bytes, member.from + 1, member.to - 1);
  }

  /** The headers as {@code name=value,name=value}; a binary one's value is in base64. */
  byte[] headers() {
    StringJoiner joined = new StringJoiner(",");
    if (headers.isThere()) {
      try (JsonParser parser = parser(headers)) {
        parser.nextToken();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          joined.add(name + "=" + parser.getString());
        }
      }
    } else if (headerList.isThere()) {
      addListed(joined);
    }
    return joined.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void addListed(StringJoiner joined) {
    try (JsonParser parser = parser(headerList)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        String name = "";
        String text = "";
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          boolean isName = parser.currentName().equals("name");
          parser.nextToken();
          if (isName) {
            name = parser.getString();
          } else {
            text = parser.getString();
          }
        }
        joined.add(name + "=" + text);
      }
    }
  }

  private JsonParser parser(Member member) {
    return JSON.createParser(
        ObjectReadContext.empty(), bytes, member.from, member.to - member.from);
  }
}
