package io.ottla.http.json;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.log.Header;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads one event's fields from a parser that stands on their names. Used for one event after
 * another; one owner at a time.
 */
final class EventParser {
  private static final int MAX_HEADERS_PER_BODY = 100_000;
  private static final int MAX_PARTITION = 1_000_000;
  private static final int MAX_DIGITS = 18;

  private static final int KEY = 1;
  private static final int KEY_BASE64 = 1 << 1;
  private static final int VALUE = 1 << 2;
  private static final int VALUE_BASE64 = 1 << 3;
  private static final int HEADERS = 1 << 4;
  private static final int HEADER_LIST = 1 << 5;
  private static final int TIMESTAMP = 1 << 6;
  private static final int PARTITION = 1 << 7;

  private final JsonParser parser;
  private final byte[] body;
  private final int fromBytes;
  private final int toBytes;
  private int seen;
  private String firstField;
  private Integer partition;
  private ByteBuffer key;
  private ByteBuffer value;
  private List<Header> headers = List.of();
  private long timestampMs = Event.NO_TIMESTAMP;
  private int headersOfBody;

  EventParser(JsonParser parser, byte[] body, int fromBytes, int toBytes) {
    this.parser = parser;
    this.body = body;
    this.fromBytes = fromBytes;
    this.toBytes = toBytes;
  }

  /** Forgets the last event. */
  void begin() {
    seen = 0;
    firstField = null;
    partition = null;
    key = null;
    value = null;
    headers = List.of();
    timestampMs = Event.NO_TIMESTAMP;
  }

  /** The event whose fields were read. */
  Event end() {
    return new Event(partition, key, value, headers, timestampMs);
  }

  /** The first field that was read; null if there was none. */
  String firstField() {
    return firstField;
  }

  /** Reads the field of that name; the parser ends up on the last token of its value. */
  void field(String name) throws InvalidJsonException {
    switch (name) {
      case "key" -> {
        see(KEY, KEY_BASE64, name);
        key = readKey(name);
      }
      case "key_base64" -> {
        see(KEY_BASE64, KEY, name);
        key = readBase64(name);
      }
      case "value" -> {
        see(VALUE, VALUE_BASE64, name);
        value = readValue();
      }
      case "value_base64" -> {
        see(VALUE_BASE64, VALUE, name);
        value = readBase64(name);
      }
      case "headers" -> {
        see(HEADERS, HEADER_LIST, name);
        readHeaders(name);
      }
      case "header_list" -> {
        see(HEADER_LIST, HEADERS, name);
        readHeaderList(name);
      }
      case "timestamp" -> {
        see(TIMESTAMP, 0, name);
        if (parser.nextToken() != JsonToken.VALUE_NULL) {
          timestampMs = integer(parser, name, 0, Long.MAX_VALUE);
        }
      }
      case "partition" -> {
        see(PARTITION, 0, name);
        if (parser.nextToken() != JsonToken.VALUE_NULL) {
          partition = (int) integer(parser, name, 0, MAX_PARTITION);
        }
      }
      case "producer_id", "sequence" ->
          throw InvalidJsonException.field(
              name,
              "\""
                  + name
                  + "\" belongs beside the events: there is one sequence per request, not per"
                  + " event.");
      default -> throw InvalidJsonException.field(name, "Unknown field \"" + name + "\".");
    }
  }

  private void see(int field, int other, String name) throws InvalidJsonException {
    if ((seen & field) != 0) {
      throw ProduceBody.twice(name);
    }
    if ((seen & other) != 0) {
      throw InvalidJsonException.field(
          name, "\"" + name + "\" is given although its other form is, too.");
    }
    if (firstField == null) {
      firstField = name;
    }
    seen |= field;
  }

  private ByteBuffer readKey(String name) throws InvalidJsonException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (token != JsonToken.VALUE_STRING) {
      throw InvalidJsonException.field(
          name, "\"key\" must be a string; other keys go into \"key_base64\".");
    }
    int from = tokenStartBytes() + 1;
    int to = from;
    while (to < toBytes && body[to] != '"' && body[to] != '\\') {
      to++;
    }
    if (to < toBytes && body[to] == '"') {
      return slice(from, to);
    }
    return ByteBuffer.wrap(utf8(name));
  }

  /** The bytes of the string that the parser stands on. */
  private byte[] utf8(String name) throws InvalidJsonException {
    return utf8(parser.getString(), name);
  }

  /** The bytes of a text, which may hold halves of surrogate pairs: those have none. */
  static byte[] utf8(String text, String name) throws InvalidJsonException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw InvalidJsonException.field(name, "\"" + name + "\" holds half a surrogate pair.");
        }
        i++;
      }
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private ByteBuffer readBase64(String name) throws InvalidJsonException {
    JsonToken token = parser.nextToken();
    return token == JsonToken.VALUE_NULL ? null : ByteBuffer.wrap(base64(token, name));
  }

  private byte[] base64(JsonToken token, String name) throws InvalidJsonException {
    if (token != JsonToken.VALUE_STRING) {
      throw InvalidJsonException.field(name, "\"" + name + "\" must be a string of base64.");
    }
    try {
      return Base64.getDecoder().decode(parser.getString());
    } catch (IllegalArgumentException e) {
      throw InvalidJsonException.field(name, "\"" + name + "\" is not valid base64.");
    }
  }

  /** The bytes from the value's first token to its last byte; null for {@code null}. */
  private ByteBuffer readValue() {
    JsonToken token = parser.nextToken();
    int from = tokenStartBytes();
    switch (token) {
      case VALUE_NULL -> {
        return null;
      }
      case START_OBJECT, START_ARRAY -> parser.skipChildren();
      case VALUE_STRING -> parser.finishToken();
      default -> {
        // A number or a literal: the parser has read it to its end.
      }
    }
    int to = fromBytes + (int) parser.currentLocation().getByteOffset();
    return slice(from, to);
  }

  private void readHeaders(String name) throws InvalidJsonException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_OBJECT) {
      throw InvalidJsonException.field(name, "\"headers\" must be an object of strings.");
    }
    List<Header> read = new ArrayList<>();
    Set<String> names = new HashSet<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String header = parser.currentName();
      if (!names.add(header)) {
        throw InvalidJsonException.field(
            name, "A header is given twice; repeated ones go into \"header_list\".");
      }
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw InvalidJsonException.field(
            name, "Every header must be a string; binary ones go into \"header_list\".");
      }
      add(read, new Header(checkedName(header, name), utf8(name)), name);
    }
    headers = read;
  }

  private void readHeaderList(String name) throws InvalidJsonException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_ARRAY) {
      throw InvalidJsonException.field(name, "\"header_list\" must be a list of objects.");
    }
    List<Header> read = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw InvalidJsonException.field(name, "\"header_list\" must be a list of objects.");
      }
      add(read, readHeader(name), name);
    }
    headers = read;
  }

  private Header readHeader(String name) throws InvalidJsonException {
    String header = null;
    byte[] content = null;
    boolean hasContent = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      JsonToken token = parser.nextToken();
      switch (field) {
        case "name" -> {
          if (token != JsonToken.VALUE_STRING || header != null) {
            throw InvalidJsonException.field(name, "A header has one \"name\", a string.");
          }
          header = checkedName(parser.getString(), name);
        }
        case "value", "value_base64" -> {
          if (hasContent) {
            throw InvalidJsonException.field(
                name, "A header has one \"value\" or \"value_base64\".");
          }
          hasContent = true;
          content = headerContent(token, field, name);
        }
        default ->
            throw InvalidJsonException.field(
                name, "Unknown field \"" + field + "\" in a header of \"header_list\".");
      }
    }
    if (header == null || !hasContent) {
      throw InvalidJsonException.field(
          name, "A header needs a \"name\" and a \"value\" or \"value_base64\".");
    }
    return new Header(header, content);
  }

  private byte[] headerContent(JsonToken token, String field, String name)
      throws InvalidJsonException {
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (field.equals("value_base64")) {
      return base64(token, name);
    }
    if (token != JsonToken.VALUE_STRING) {
      throw InvalidJsonException.field(name, "A header's \"value\" must be a string.");
    }
    return utf8(name);
  }

  private static String checkedName(String header, String field) throws InvalidJsonException {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(header)) {
      throw InvalidJsonException.field(field, "A header's name holds half a surrogate pair.");
    }
    return header;
  }

  private void add(List<Header> read, Header header, String name) throws InvalidJsonException {
    if (++headersOfBody > MAX_HEADERS_PER_BODY) {
      throw InvalidJsonException.field(
          name, "More than " + MAX_HEADERS_PER_BODY + " headers in one body.");
    }
    read.add(header);
  }

  /** The whole number that the parser stands on. */
  static long integer(JsonParser parser, String name, long lowest, long highest)
      throws InvalidJsonException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw InvalidJsonException.field(name, "\"" + name + "\" must be a whole number.");
    }
    if (parser.getStringLength() <= MAX_DIGITS) {
      long number = parser.getLongValue();
      if (number >= lowest && number <= highest) {
        return number;
      }
    }
    throw InvalidJsonException.field(
        name,
        highest == Long.MAX_VALUE
            ? "\"" + name + "\" is out of range."
            : "\"" + name + "\" must be from " + lowest + " to " + highest + ".");
  }

  private int tokenStartBytes() {
    return fromBytes + (int) parser.currentTokenLocation().getByteOffset();
  }

  private ByteBuffer slice(int from, int to) {
    return Ascii.slice(body, from, to);
  }
}
