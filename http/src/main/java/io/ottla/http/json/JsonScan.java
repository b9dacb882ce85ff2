package io.ottla.http.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Tells whether bytes are exactly one JSON text (RFC 8259), by the same rules as {@link Json}'s
 * parser and several times as fast: every value that is read is judged, so this is the price of
 * reading. What it knows of UTF-8 is that it must be valid, which the caller has checked. No state.
 */
final class JsonScan {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final int NOT_JSON = -1;

  private JsonScan() {}

  /** Whether {@code bytes[from, to)} is one value, with nothing behind it. */
  static boolean isValue(byte[] bytes, int from, int to) {
    // A bit per level: whether it is an object.
    long[] objects = new long[(Json.MAX_DEPTH >> 6) + 1];
    int depth = 0;
    int at = space(bytes, from, to);
    while (true) {
      if (at >= to) {
        return false;
      }
      byte first = bytes[at];
      if (first == '{' || first == '[') {
        if (depth == Json.MAX_DEPTH) {
          return false;
        }
        boolean object = first == '{';
        set(objects, depth++, object);
        at = space(bytes, at + 1, to);
        if (at < to && bytes[at] == (object ? '}' : ']')) {
          depth--;
          at++;
        } else {
          at = object ? name(bytes, at, to) : at;
          if (at == NOT_JSON) {
            return false;
          }
          continue;
        }
      } else {
        at = scalar(bytes, at, to);
        if (at == NOT_JSON) {
          return false;
        }
      }
      // Behind a value: the levels that end here, then the next value or the end of it all.
      boolean more = false;
      while (depth > 0 && !more) {
        boolean object = isSet(objects, depth - 1);
        at = space(bytes, at, to);
        if (at >= to) {
          return false;
        }
        if (bytes[at] == ',') {
          at = space(bytes, at + 1, to);
          at = object ? name(bytes, at, to) : at;
          if (at == NOT_JSON) {
            return false;
          }
          more = true;
        } else if (bytes[at] == (object ? '}' : ']')) {
          depth--;
          at++;
        } else {
          return false;
        }
      }
      if (!more) {
        return space(bytes, at, to) == to;
      }
    }
  }

  private static void set(long[] bits, int index, boolean value) {
    long bit = 1L << index;
    bits[index >> 6] = value ? bits[index >> 6] | bit : bits[index >> 6] & ~bit;
  }

  private static boolean isSet(long[] bits, int index) {
    return (bits[index >> 6] & (1L << index)) != 0;
  }

  /** Behind a member's name, its colon and the space around that. */
  private static int name(byte[] bytes, int from, int to) {
    if (from >= to || bytes[from] != '"') {
      return NOT_JSON;
    }
    int at = string(bytes, from + 1, to, true);
    if (at == NOT_JSON) {
      return NOT_JSON;
    }
    at = space(bytes, at, to);
    return at < to && bytes[at] == ':' ? space(bytes, at + 1, to) : NOT_JSON;
  }

  private static int scalar(byte[] bytes, int at, int to) {
    return switch (bytes[at]) {
      case '"' -> string(bytes, at + 1, to, false);
      case 't' -> literal(bytes, at, to, "true");
      case 'f' -> literal(bytes, at, to, "false");
      case 'n' -> literal(bytes, at, to, "null");
      default -> number(bytes, at, to);
    };
  }

  private static int literal(byte[] bytes, int at, int to, String word) {
    if (to - at < word.length()) {
      return NOT_JSON;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[at + i] != word.charAt(i)) {
        return NOT_JSON;
      }
    }
    return at + word.length();
  }

  private static int number(byte[] bytes, int from, int to) {
    int at = bytes[from] == '-' ? from + 1 : from;
    int whole = digits(bytes, at, to);
    if (whole == at || (bytes[at] == '0' && whole > at + 1)) {
      return NOT_JSON;
    }
    at = whole;
    if (at < to && bytes[at] == '.') {
      int fraction = digits(bytes, at + 1, to);
      if (fraction == at + 1) {
        return NOT_JSON;
      }
      at = fraction;
    }
    if (at < to && (bytes[at] | 0x20) == 'e') {
      at++;
      if (at < to && (bytes[at] == '+' || bytes[at] == '-')) {
        at++;
      }
      int exponent = digits(bytes, at, to);
      return exponent == at ? NOT_JSON : exponent;
    }
    return at;
  }

  private static int digits(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    return at;
  }

  private static int space(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && Json.isSpace(bytes[at])) {
      at++;
    }
    return at;
  }

  /**
   * Behind the closing quote of a string whose opening one stands before {@code from}.
   *
   * @param name whether it is a member's name: the parser refuses broken surrogate pairs in those
   */
  private static int string(byte[] bytes, int from, int to, boolean name) {
    int at = from;
    while (at < to) {
      if (at + 8 <= to && isPlain((long) LONGS.get(bytes, at))) {
        at += 8;
        continue;
      }
      byte b = bytes[at];
      if (b == '"') {
        return at + 1;
      }
      if (b >= 0 && b < 0x20) {
        return NOT_JSON;
      }
      at = b == '\\' ? escape(bytes, at + 1, to, name) : at + 1;
      if (at == NOT_JSON) {
        return NOT_JSON;
      }
    }
    return NOT_JSON;
  }

  /**
   * Whether none of eight bytes ends a string, begins an escape or is a control character.
   *
   * <p>For x below 0x80, (x - n) sets the high bit if x is below n; a byte that is n becomes 0 by
   * xor. A borrow from a lower byte may only make it say no, and then they are looked at singly.
   */
  private static boolean isPlain(long eight) {
    long quotes = eight ^ (ONES * '"');
    long backslashes = eight ^ (ONES * '\\');
    long suspects = (quotes - ONES) | (backslashes - ONES) | (eight - ONES * 0x20);
    return (suspects & ~eight & HIGH_BITS) == 0;
  }

  private static int escape(byte[] bytes, int at, int to, boolean name) {
    if (at >= to) {
      return NOT_JSON;
    }
    return switch (bytes[at]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 1;
      case 'u' -> {
        int unit = unit(bytes, at + 1, to);
        boolean surrogate =
            name && unit >= Character.MIN_SURROGATE && unit <= Character.MAX_SURROGATE;
        yield unit == NOT_JSON ? NOT_JSON : surrogate ? pair(bytes, at + 5, to, unit) : at + 5;
      }
      default -> NOT_JSON;
    };
  }

  /** Behind the second half of a surrogate pair whose first one was {@code high}. */
  private static int pair(byte[] bytes, int at, int to, int high) {
    boolean escapes = at + 1 < to && bytes[at] == '\\' && bytes[at + 1] == 'u';
    int low = escapes && high < Character.MIN_LOW_SURROGATE ? unit(bytes, at + 2, to) : NOT_JSON;
    return low >= Character.MIN_LOW_SURROGATE && low <= Character.MAX_LOW_SURROGATE
        ? at + 6
        : NOT_JSON;
  }

  /** Four hexadecimal digits. */
  private static int unit(byte[] bytes, int from, int to) {
    int unit = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = i < to ? Character.digit(bytes[i], 16) : NOT_JSON;
      if (digit < 0) {
        return NOT_JSON;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }

  /** The first CR or LF of {@code bytes[from, to)}; {@code to} if there is none. */
  static int lineBreak(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      if (at + 8 <= to && hasNoLineBreak((long) LONGS.get(bytes, at))) {
        at += 8;
      } else if (bytes[at] == '\n' || bytes[at] == '\r') {
        return at;
      } else {
        at++;
      }
    }
    return to;
  }

  private static boolean hasNoLineBreak(long eight) {
    long feeds = eight ^ (ONES * '\n');
    long returns = eight ^ (ONES * '\r');
    return ((((feeds - ONES) & ~feeds) | ((returns - ONES) & ~returns)) & HIGH_BITS) == 0;
  }
}
