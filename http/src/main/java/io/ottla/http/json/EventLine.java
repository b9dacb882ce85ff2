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
      return event(bytes, null, from + VALUE.length, to - 1);
    }
    if (!Ascii.startsWith(bytes, from, to, KEY)) {
      return null;
    }
    int keyFrom = from + KEY.length;
    int keyTo = keyFrom;
    int highBits = 0;
    while (keyTo < to && bytes[keyTo] != '"') {
      byte b = bytes[keyTo++];
      if (b == '\\' || (b >= 0 && b < ' ')) {
        return null;
      }
      highBits |= b;
    }
    boolean plain =
        Ascii.startsWith(bytes, keyTo + 1, to, VALUE_AFTER_KEY)
            && (highBits >= 0 || Utf8.isValid(bytes, keyFrom, keyTo));
    return plain
        ? event(
            bytes, Ascii.slice(bytes, keyFrom, keyTo), keyTo + 1 + VALUE_AFTER_KEY.length, to - 1)
        : null;
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
