package io.ottla.http.json;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.http.json.JsonScan.Finding;
import java.nio.ByteBuffer;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/**
 * Lines that are values, whose key may stand within them; {@code null} is a tombstone. Immutable.
 */
public final class ValueLine implements LineParser {
  private final JsonPointer key;
  private final Integer partition;

  /**
   * Lines for one partition, or for those of their keys.
   *
   * @param key where a value's key stands; null: there are none
   * @param partition null: chosen by key, or round-robin
   */
  public ValueLine(JsonPointer key, Integer partition) {
    this.key = key;
    this.partition = partition;
  }

  @Override
  public Event parse(byte[] bytes, int from, int to) throws InvalidJsonException {
    if (JsonScan.scan(bytes, from, to) == Finding.NOT_JSON) {
      throw notJson(bytes, from, to);
    }
    ByteBuffer keyBytes = key == null ? null : key.textIn(bytes, from, to);
    // The only value that begins so.
    ByteBuffer value = bytes[from] == 'n' ? null : Ascii.slice(bytes, from, to);
    return new Event(partition, keyBytes, value, List.of(), Event.NO_TIMESTAMP);
  }

  private static InvalidJsonException notJson(byte[] bytes, int from, int to) {
    if (!Utf8.isValid(bytes, from, to)) {
      return InvalidJsonException.body("The line is not valid UTF-8.");
    }
    try (JsonParser parser = Json.parser(bytes, from, to)) {
      parser.nextToken();
      parser.skipChildren();
      parser.finishToken();
      if (parser.nextToken() != null) {
        return InvalidJsonException.body("Nothing may follow a line's JSON value.");
      }
    } catch (JacksonException | IllegalStateException e) {
      return new InvalidJsonException(Json.refusal("line", e));
    }
    return InvalidJsonException.body("The line is not valid JSON.");
  }
}
