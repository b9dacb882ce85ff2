package io.ottla.client;

/**
 * Tells whether bytes are exactly one JSON value (RFC 8259) in UTF-8, without space around it and
 * not {@code null}: such a value may travel as JSON and is stored as the bytes it is. Whatever is
 * unusual (deep nesting, escaped surrogates in names, very long numbers) is denied and travels as
 * base64, which is stored the same. One owner, used once.
 */
final class JsonText {
  private static final int NOT_JSON = -1;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_SIZE = 500;

  private final byte[] bytes;
  private int depth;

  /** A bit per open level: whether it is an object. */
  private long objects;

  private JsonText(byte[] bytes) {
    this.bytes = bytes;
  }

  static boolean isOneValue(byte[] bytes) {
    return bytes.length > 0
        && bytes[0] != 'n'
        && new JsonText(bytes).isValue()
        && Utf8.isValid(bytes);
  }

  private boolean isValue() {
    int at = 0;
    while (at < bytes.length) {
      int before = depth;
      byte first = bytes[at];
      at = first == '{' || first == '[' ? open(at, first == '{') : scalar(at);
      if (at == NOT_JSON) {
        return false;
      }
      if (depth > before) {
        continue; // with its first element
      }
      at = nextValue(at);
      if (at == NOT_JSON) {
        return false;
      }
      if (depth == 0) {
        return at == bytes.length;
      }
    }
    return false;
  }

  /** Where an object's or array's first value begins; behind it if it is empty. */
  private int open(int from, boolean object) {
    if (depth == MAX_DEPTH) {
      return NOT_JSON;
    }
    int at = space(from + 1);
    if (at < bytes.length && bytes[at] == (object ? '}' : ']')) {
      return at + 1;
    }
    long bit = 1L << depth++;
    objects = object ? objects | bit : objects & ~bit;
    return object ? name(at) : at;
  }

  /** Where the value after the one before {@code from} begins; behind the last one's levels. */
  private int nextValue(int from) {
    int at = from;
    while (depth > 0) {
      at = space(at);
      if (at >= bytes.length) {
        return NOT_JSON;
      }
      boolean object = (objects & (1L << (depth - 1))) != 0;
      if (bytes[at] == ',') {
        at = space(at + 1);
        return object ? name(at) : at;
      }
      if (bytes[at] != (object ? '}' : ']')) {
        return NOT_JSON;
      }
      depth--;
      at++;
    }
    return at;
  }

  /** Behind a member's name, its colon and the space around that. */
  private int name(int from) {
    if (from >= bytes.length || bytes[from] != '"') {
      return NOT_JSON;
    }
    int at = string(from + 1, true);
    if (at == NOT_JSON) {
      return NOT_JSON;
    }
    at = space(at);
    return at < bytes.length && bytes[at] == ':' ? space(at + 1) : NOT_JSON;
  }

  private int scalar(int at) {
    return switch (bytes[at]) {
      case '"' -> string(at + 1, false);
      case 't' -> literal(at, "true");
      case 'f' -> literal(at, "false");
      case 'n' -> literal(at, "null");
      default -> number(at);
    };
  }

  private int literal(int at, String word) {
    if (bytes.length - at < word.length()) {
      return NOT_JSON;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[at + i] != word.charAt(i)) {
        return NOT_JSON;
      }
    }
    return at + word.length();
  }

  private int number(int from) {
    int start = bytes[from] == '-' ? from + 1 : from;
    int at = digits(start);
    if (at == start || (bytes[start] == '0' && at > start + 1)) {
      return NOT_JSON;
    }
    if (at < bytes.length && bytes[at] == '.') {
      int fraction = digits(at + 1);
      if (fraction == at + 1) {
        return NOT_JSON;
      }
      at = fraction;
    }
    if (at < bytes.length && (bytes[at] | 0x20) == 'e') {
      at++;
      if (at < bytes.length && (bytes[at] == '+' || bytes[at] == '-')) {
        at++;
      }
      int exponent = digits(at);
      if (exponent == at) {
        return NOT_JSON;
      }
      at = exponent;
    }
    return at - from > MAX_NUMBER_SIZE ? NOT_JSON : at;
  }

  private int digits(int from) {
    int at = from;
    while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    return at;
  }

  private int space(int from) {
    int at = from;
    while (at < bytes.length
        && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
      at++;
    }
    return at;
  }

  /** Behind the closing quote of a string whose opening one stands before {@code from}. */
  private int string(int from, boolean name) {
    int at = from;
    while (at < bytes.length) {
      byte b = bytes[at];
      if (b == '"') {
        return at + 1;
      }
      if (b >= 0 && b < 0x20) {
        return NOT_JSON;
      }
      at = b == '\\' ? escape(at + 1, name) : at + 1;
      if (at == NOT_JSON) {
        return NOT_JSON;
      }
    }
    return NOT_JSON;
  }

  private int escape(int at, boolean name) {
    if (at >= bytes.length) {
      return NOT_JSON;
    }
    return switch (bytes[at]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 1;
      case 'u' -> unit(at + 1, name);
      default -> NOT_JSON;
    };
  }

  /** Behind four hexadecimal digits; those of a surrogate are not taken in a name. */
  private int unit(int from, boolean name) {
    int unit = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = i < bytes.length ? Character.digit(bytes[i], 16) : NOT_JSON;
      if (digit < 0) {
        return NOT_JSON;
      }
      unit = unit << 4 | digit;
    }
    return name && Character.isSurrogate((char) unit) ? NOT_JSON : from + 4;
  }
}
