package io.ottla.cli.produce;

import io.ottla.cli.terminal.CommandFailure;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** How a line becomes a key and a value. Immutable. */
interface KeyRule {
  /**
   * A line's parts. Nobody changes the arrays.
   *
   * @param key null if there is none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Parts(byte[] key, byte[] value) {}

  /** The line's parts; why it has none, as an {@link IllegalArgumentException}. */
  Parts split(byte[] line);

  /** The line is the value. */
  static KeyRule none() {
    return line -> new Parts(null, line);
  }

  /** What stands before the first delimiter is the key, what stands behind it the value. */
  static KeyRule delimiter(String delimiter) {
    byte[] bytes = delimiter.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0) {
      throw CommandFailure.usage("an empty delimiter separates nothing");
    }
    return line -> {
      int at = indexOf(line, bytes);
      if (at < 0) {
        throw new IllegalArgumentException("has no \"" + delimiter + "\" behind a key");
      }
      return new Parts(
          Arrays.copyOf(line, at), Arrays.copyOfRange(line, at + bytes.length, line.length));
    };
  }

  /** The line is the value and JSON; the pointer leads to its key, a text or a number. */
  static KeyRule pointer(String pointer) {
    JsonPointer compiled;
    try {
      compiled = JsonPointer.compile(pointer);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage("not a JSON pointer, such as /user/id: " + pointer);
    }
    JsonFactory json = new JsonFactory();
    return line -> {
      try (JsonParser parser = json.createParser(ObjectReadContext.empty(), line, 0, line.length)) {
        parser.nextToken();
        return new Parts(find(parser, compiled, pointer), line);
      } catch (JacksonException e) {
        throw new IllegalArgumentException("is not JSON, so that nothing is at " + pointer, e);
      }
    };
  }

  /** The key that the pointer leads to from the value that the parser stands on. */
  private static byte[] find(JsonParser parser, JsonPointer pointer, String whole) {
    if (pointer.matches()) {
      if (parser.currentToken() == JsonToken.VALUE_STRING || parser.currentToken().isNumeric()) {
        return parser.getString().getBytes(StandardCharsets.UTF_8);
      }
      throw new IllegalArgumentException("has neither a text nor a number at " + whole);
    }
    boolean object = parser.currentToken() == JsonToken.START_OBJECT;
    if (!object && parser.currentToken() != JsonToken.START_ARRAY) {
      throw new IllegalArgumentException("has nothing at " + whole);
    }
    for (int index = 0; ; index++) {
      JsonToken token = parser.nextToken();
      if (token == null || token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
        throw new IllegalArgumentException("has nothing at " + whole);
      }
      boolean matches =
          object ? pointer.matchesProperty(parser.currentName()) : pointer.matchesElement(index);
      if (object) {
        parser.nextToken();
      }
      if (matches) {
        return find(parser, pointer.tail(), whole);
      }
      parser.skipChildren();
    }
  }

  private static int indexOf(byte[] line, byte[] delimiter) {
    for (int at = 0; at <= line.length - delimiter.length; at++) {
      if (Arrays.equals(line, at, at + delimiter.length, delimiter, 0, delimiter.length)) {
        return at;
      }
    }
    return -1;
  }
}
