package io.ottla.http.json;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.http.json.JsonScan.Finding;
import java.nio.ByteBuffer;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Lines that are event objects. Most have a key and a value and no spaces around them: these are
 * read by a scan; all others, and whatever may be wrong, go to {@link EventParser}, which accepts
 * the same and says what is wrong. Immutable.
 */
public final class EventLine implements LineParser {
  private static final byte[] KEY = Ascii.bytes("{\"key\":\"");
  private static final byte[] VALUE_AFTER_KEY = Ascii.bytes(",\"value\":");
  private static final byte[] KEY_AFTER_VALUE = Ascii.bytes(",\"key\":\"");
  private static final byte[] VALUE = Ascii.bytes("{\"value\":");

  /** A value stands one level within its line. */
  private static final int MAX_VALUE_DEPTH = Json.MAX_DEPTH - 1;

  @Override
  public Event parse(byte[] bytes, int from, int to) throws InvalidJsonException {
    Event event = parseSimple(bytes, from, to);
    return event != null ? event : parseAny(bytes, from, to);
  }

  /** Null if it is not that simple. */
  static Event parseSimple(byte[] bytes, int from, int to) {
    if (to - from < VALUE.length || bytes[to - 1] != '}') {
      return null;
    }
    if (Ascii.startsWith(bytes, from, to, VALUE)) {
      return bytes[to - 2] == '"'
          ? keyLast(bytes, from + VALUE.length, to - 2)
          : event(bytes, null, from + VALUE.length, to - 1);
    }
    return Ascii.startsWith(bytes, from, to, KEY)
        ? keyFirst(bytes, from + KEY.length, to - 1)
        : null;
  }

  private static Event keyFirst(byte[] bytes, int keyFrom, int valueTo) {
    int keyTo = keyFrom;
    while (keyTo < valueTo && bytes[keyTo] != '"') {
      keyTo++;
    }
    int valueFrom = keyTo + 1 + VALUE_AFTER_KEY.length;
    return Ascii.startsWith(bytes, keyTo + 1, valueTo, VALUE_AFTER_KEY)
            && isPlain(bytes, keyFrom, keyTo)
        ? event(bytes, Ascii.slice(bytes, keyFrom, keyTo), valueFrom, valueTo)
        : null;
  }

  /** If what stands before a key is a value by itself, then this is the key and no part of it. */
  private static Event keyLast(byte[] bytes, int valueFrom, int keyTo) {
    int keyFrom = keyTo;
    while (keyFrom > valueFrom && bytes[keyFrom - 1] != '"') {
      keyFrom--;
    }
    int valueTo = keyFrom - KEY_AFTER_VALUE.length;
    if (valueTo <= valueFrom || !Ascii.startsWith(bytes, valueTo, keyFrom, KEY_AFTER_VALUE)) {
      return event(bytes, null, valueFrom, keyTo + 1); // a string, or something in one
    }
    return isPlain(bytes, keyFrom, keyTo)
        ? event(bytes, Ascii.slice(bytes, keyFrom, keyTo), valueFrom, valueTo)
        : null;
  }

  /** Whether it can be the inside of a string without escapes. */
  private static boolean isPlain(byte[] bytes, int from, int to) {
    int highBits = 0;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (b == '\\' || (b >= 0 && b < ' ')) {
        return false;
      }
      highBits |= b;
    }
    return highBits >= 0 || Utf8.isValid(bytes, from, to);
  }

  private static Event event(byte[] bytes, ByteBuffer key, int valueFrom, int valueTo) {
    int from = Json.afterSpace(bytes, valueFrom, valueTo);
    int to = Json.beforeSpace(bytes, from, valueTo);
    if (JsonScan.scan(bytes, from, to, MAX_VALUE_DEPTH) == Finding.NOT_JSON) {
      return null;
    }
    // The only value that begins so.
    ByteBuffer value = bytes[from] == 'n' ? null : Ascii.slice(bytes, from, to);
    return new Event(null, key, value, List.of(), Event.NO_TIMESTAMP);
  }

  /** Reads every event that there is. */
  static Event parseAny(byte[] bytes, int from, int to) throws InvalidJsonException {
    if (!Utf8.isValid(bytes, from, to)) {
      throw InvalidJsonException.body("The line is not valid UTF-8.");
    }
    try (JsonParser parser = Json.parser(bytes, from, to)) {
      EventParser event = new EventParser(parser, bytes, from, to);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw InvalidJsonException.body("Every line must be a JSON object, one event.");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        event.field(parser.currentName());
      }
      if (parser.nextToken() != null) {
        throw InvalidJsonException.body("Nothing may follow a line's JSON object.");
      }
      return event.end();
    } catch (JacksonException | IllegalStateException e) {
      throw new InvalidJsonException(Json.refusal("line", e));
    }
  }
}
