package io.ottla.http.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;

/**
 * Where in a JSON value something stands (RFC 6901), to be found in text that is known to be valid.
 * Of members that a value gives twice, the first counts. Immutable.
 */
public final class JsonPointer {
  private static final int NOWHERE = -1;
  private static final int MAX_INDEX_DIGITS = 9;

  private final String text;
  private final List<Token> tokens;

  /**
   * One step down.
   *
   * @param index of an element; {@link #NOWHERE} if the name is none
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Token(String name, byte[] utf8, int index) {
    static Token of(String name) {
      boolean digits = !name.isEmpty() && name.length() <= MAX_INDEX_DIGITS;
      for (int i = 0; i < name.length() && digits; i++) {
        digits = name.charAt(i) >= '0' && name.charAt(i) <= '9';
      }
      boolean index = digits && (name.length() == 1 || name.charAt(0) != '0');
      return new Token(
          name, name.getBytes(StandardCharsets.UTF_8), index ? Integer.parseInt(name) : NOWHERE);
    }
  }

  private JsonPointer(String text, List<Token> tokens) {
    this.text = text;
    this.tokens = tokens;
  }

  /**
   * Reads a pointer, such as {@code /user/id}; an empty one is the whole value.
   *
   * @param field whose value it is, for the refusal
   */
  public static JsonPointer parse(String field, String text) throws InvalidJsonException {
    List<Token> tokens = new ArrayList<>();
    if (!text.isEmpty()) {
      if (text.charAt(0) != '/') {
        throw invalid(field);
      }
      for (String escaped : text.substring(1).split("/", -1)) {
        tokens.add(Token.of(unescape(field, escaped)));
      }
    }
    return new JsonPointer(text, List.copyOf(tokens));
  }

  private static String unescape(String field, String escaped) throws InvalidJsonException {
    for (int i = escaped.indexOf('~'); i >= 0; i = escaped.indexOf('~', i + 1)) {
      if (i + 1 == escaped.length() || (escaped.charAt(i + 1) & ~1) != '0') {
        throw invalid(field);
      }
    }
    return escaped.replace("~1", "/").replace("~0", "~");
  }

  private static InvalidJsonException invalid(String field) {
    return InvalidJsonException.field(
        field, "\"" + field + "\" must be a JSON pointer, such as /user/id.");
  }

  /**
   * The text of the string, or of the number as it stands, that it points to in the valid JSON
   * value {@code bytes[from, to)}; refused if there is neither.
   */
  ByteBuffer textIn(byte[] bytes, int from, int to) throws InvalidJsonException {
    int at = find(bytes, from);
    if (at == NOWHERE) {
      throw InvalidJsonException.field("key", "There is nothing at " + text + " in this line.");
    }
    byte first = bytes[at];
    if (first == '"') {
      int end = afterString(bytes, at);
      for (int i = at + 1; i < end - 1; i++) {
        if (bytes[i] == '\\') {
          return unescaped(bytes, at, end);
        }
      }
      return Ascii.slice(bytes, at + 1, end - 1);
    }
    if (first == '-' || (first >= '0' && first <= '9')) {
      return Ascii.slice(bytes, at, afterScalar(bytes, at, to));
    }
    throw InvalidJsonException.field(
        "key", "What stands at " + text + " in this line is neither a string nor a number.");
  }

  private static ByteBuffer unescaped(byte[] bytes, int from, int to) throws InvalidJsonException {
    try (JsonParser parser = Json.parser(bytes, from, to)) {
      parser.nextToken();
      return ByteBuffer.wrap(EventParser.utf8(parser.getString(), "key"));
    }
  }

  private int find(byte[] bytes, int from) {
    int at = from;
    for (int i = 0; i < tokens.size() && at != NOWHERE; i++) {
      at =
          switch (bytes[at]) {
            case '{' -> member(bytes, at, tokens.get(i));
            case '[' -> element(bytes, at, tokens.get(i).index());
            default -> NOWHERE;
          };
    }
    return at;
  }

  /** Where the value of the object's member begins. */
  private static int member(byte[] bytes, int from, Token token) {
    int at = Json.afterSpace(bytes, from + 1, bytes.length);
    while (bytes[at] != '}') {
      int nameFrom = at + 1;
      int nameTo = afterString(bytes, at) - 1;
      at = Json.afterSpace(bytes, nameTo + 1, bytes.length);
      at = Json.afterSpace(bytes, at + 1, bytes.length);
      if (isName(bytes, nameFrom, nameTo, token)) {
        return at;
      }
      at = nextOf(bytes, afterValue(bytes, at));
    }
    return NOWHERE;
  }

  /** Where the array's element of that index begins. */
  private static int element(byte[] bytes, int from, int index) {
    int at = Json.afterSpace(bytes, from + 1, bytes.length);
    for (int i = 0; index != NOWHERE && bytes[at] != ']'; i++) {
      if (i == index) {
        return at;
      }
      at = nextOf(bytes, afterValue(bytes, at));
    }
    return NOWHERE;
  }

  /** Where the next member or element begins, or the closing bracket is. */
  private static int nextOf(byte[] bytes, int afterValue) {
    int at = Json.afterSpace(bytes, afterValue, bytes.length);
    return bytes[at] == ',' ? Json.afterSpace(bytes, at + 1, bytes.length) : at;
  }

  private static boolean isName(byte[] bytes, int from, int to, Token token) {
    byte[] utf8 = token.utf8();
    if (to - from == utf8.length && Ascii.startsWith(bytes, from, to, utf8)) {
      // A name that has a backslash only stands escaped: these bytes would be other text.
      return token.name().indexOf('\\') < 0;
    }
    if (to - from <= utf8.length) {
      return false; // escapes only lengthen
    }
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\\') {
        try (JsonParser parser = Json.parser(bytes, from - 1, to + 1)) {
          parser.nextToken();
          return parser.getString().equals(token.name());
        }
      }
    }
    return false;
  }

  private static int afterValue(byte[] bytes, int from) {
    return switch (bytes[from]) {
      case '"' -> afterString(bytes, from);
      case '{', '[' -> afterNested(bytes, from);
      default -> afterScalar(bytes, from, bytes.length);
    };
  }

  private static int afterString(byte[] bytes, int from) {
    int at = from + 1;
    while (bytes[at] != '"') {
      at += bytes[at] == '\\' ? 2 : 1;
    }
    return at + 1;
  }

  private static int afterNested(byte[] bytes, int from) {
    int depth = 0;
    int at = from;
    do {
      switch (bytes[at]) {
        case '"' -> at = afterString(bytes, at) - 1;
        case '{', '[' -> depth++;
        case '}', ']' -> depth--;
        default -> {
          // between the brackets
        }
      }
      at++;
    } while (depth > 0);
    return at;
  }

  /** Behind a number or a literal. */
  private static int afterScalar(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] > ' ' && bytes[at] != ',' && bytes[at] != '}' && bytes[at] != ']') {
      at++;
    }
    return at;
  }
}
