package io.ottla.http.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A small request body as plain objects: {@link String}, {@link Numeral}, {@link Boolean}, {@link
 * List}, {@link Map} and null. A member given twice is refused.
 */
final class JsonTree {
  /** A number's text, as it was written. */
  record Numeral(String text, boolean whole) {}

  private JsonTree() {}

  /** The members of the object that {@code body[0, lengthBytes)} holds. */
  static Map<String, Object> readObject(byte[] body, int lengthBytes) throws InvalidJsonException {
    int from = Json.afterByteOrderMark(body, lengthBytes);
    if (!Utf8.isValid(body, from, lengthBytes)) {
      throw InvalidJsonException.body("The body is not valid UTF-8.");
    }
    try (JsonParser parser = Json.parser(body, from, lengthBytes)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return Map.of();
      }
      if (first != JsonToken.START_OBJECT) {
        throw InvalidJsonException.body("The body must be a JSON object.");
      }
      Map<String, Object> members = members(parser, "");
      if (parser.nextToken() != null) {
        throw InvalidJsonException.body("Nothing may follow the JSON object.");
      }
      return members;
    } catch (JacksonException | IllegalStateException e) {
      throw new InvalidJsonException(Json.refusal(e));
    }
  }

  private static Map<String, Object> members(JsonParser parser, String path)
      throws InvalidJsonException {
    Map<String, Object> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      String memberPath = path.isEmpty() ? name : path + "." + name;
      if (members.containsKey(name)) {
        throw ProduceBody.twice(memberPath);
      }
      members.put(name, value(parser, parser.nextToken(), memberPath));
    }
    return members;
  }

  private static Object value(JsonParser parser, JsonToken token, String path)
      throws InvalidJsonException {
    return switch (token) {
      case START_OBJECT -> members(parser, path);
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          elements.add(value(parser, next, path + "[" + elements.size() + "]"));
        }
        yield elements;
      }
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> new Numeral(parser.getString(), true);
      case VALUE_NUMBER_FLOAT -> new Numeral(parser.getString(), false);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }
}
