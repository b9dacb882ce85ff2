package io.ottla.http.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Tells whether bytes are exactly one JSON value in UTF-8 (RFC 8259), by the same rules as {@link
 * Json}'s parser and several times as fast: every value that is read is judged, so this is a good
 * part of the price of reading. One owner at a time.
 */
final class JsonScan {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final int NOT_JSON = -1;

  private final byte[] bytes;
  private final int to;
  private int maxDepth;

  /** How many objects and arrays are open. */
  private int depth;

  /** A bit per open level: whether it is an object. */
  private long outerObjects;

  /** The same for level 64 and those within it; few texts have so many. */
  private long[] innerObjects;

  private long highBits;
  private boolean breaksLines;

  JsonScan(byte[] bytes, int to, int maxDepth) {
    this.bytes = bytes;
    this.to = to;
    this.maxDepth = maxDepth;
  }

  /** What a text is. */
  enum Finding {
    /** Not one JSON value. */
    NOT_JSON,
    /** One, without line breaks. */
    ONE_LINE,
    /** One, with line breaks between its tokens. */
    LINES
  }

  /** Judges {@code bytes[from, to)}, which may have space around the value. */
  static Finding scan(byte[] bytes, int from, int to) {
    return scan(bytes, from, to, Json.MAX_DEPTH);
  }

  /** The same; deeper ones than {@code maxDepth}, at most {@link Json#MAX_DEPTH}, are not JSON. */
  static Finding scan(byte[] bytes, int from, int to, int maxDepth) {
    JsonScan scan = new JsonScan(bytes, to, maxDepth);
    if (!scan.isValue(from) || (scan.highBits != 0 && !Utf8.isValid(bytes, from, to))) {
      return Finding.NOT_JSON;
    }
    return scan.breaksLines ? Finding.LINES : Finding.ONE_LINE;
  }

  private boolean isValue(int from) {
    int end = valueEnd(space(from));
    return end != NOT_JSON && space(end) == to;
  }

  /**
   * Behind the value that begins at {@code from}, whatever follows it; -1 if none begins there.
   * Whether its text is UTF-8 is not looked at. May be called again.
   *
   * @param deepest as {@code maxDepth} of {@link #scan(byte[], int, int, int)}
   */
  int end(int from, int deepest) {
    maxDepth = deepest;
    depth = 0;
    return valueEnd(from);
  }

  private int valueEnd(int from) {
    int at = from;
    while (at < to) {
      int before = depth;
      byte first = bytes[at];
      at = first == '{' || first == '[' ? open(at, first == '{') : scalar(at);
      if (at == NOT_JSON) {
        return NOT_JSON;
      }
      if (depth > before) {
        continue; // with its first element
      }
      at = nextValue(at);
      if (at == NOT_JSON || depth == 0) {
        return at;
      }
    }
    return NOT_JSON;
  }

  /** Where an object's or array's first value begins; behind it if it is empty. */
  private int open(int from, boolean object) {
    if (depth == maxDepth) {
      return NOT_JSON;
    }
    int at = space(from + 1);
    if (at < to && bytes[at] == (object ? '}' : ']')) {
      return at + 1;
    }
    mark(depth++, object);
    return object ? name(at) : at;
  }

  /** Where the value after the one before {@code from} begins; behind the last one's levels. */
  private int nextValue(int from) {
    int at = from;
    while (depth > 0) {
      at = space(at);
      if (at >= to) {
        return NOT_JSON;
      }
      boolean object = isObject(depth - 1);
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

  private void mark(int level, boolean object) {
    long bit = 1L << level;
    if (level < Long.SIZE) {
      outerObjects = object ? outerObjects | bit : outerObjects & ~bit;
      return;
    }
    if (innerObjects == null) {
      innerObjects = new long[Json.MAX_DEPTH / Long.SIZE + 1];
    }
    int word = level / Long.SIZE;
    innerObjects[word] = object ? innerObjects[word] | bit : innerObjects[word] & ~bit;
  }

  private boolean isObject(int level) {
    long word = level < Long.SIZE ? outerObjects : innerObjects[level / Long.SIZE];
    return (word & (1L << level)) != 0;
  }

  /** Behind a member's name, its colon and the space around that. */
  private int name(int from) {
    if (from >= to || bytes[from] != '"') {
      return NOT_JSON;
    }
    int at = string(from + 1, true);
    if (at == NOT_JSON) {
      return NOT_JSON;
    }
    at = space(at);
    return at < to && bytes[at] == ':' ? space(at + 1) : NOT_JSON;
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

  private int number(int from) {
    int at = bytes[from] == '-' ? from + 1 : from;
    int whole = digits(at);
    if (whole == at || (bytes[at] == '0' && whole > at + 1)) {
      return NOT_JSON;
    }
    at = whole;
    if (at < to && bytes[at] == '.') {
      int fraction = digits(at + 1);
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
      int exponent = digits(at);
      return exponent == at ? NOT_JSON : exponent;
    }
    return at;
  }

  private int digits(int from) {
    int at = from;
    while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    return at;
  }

  private int space(int from) {
    int at = from;
    while (at < to && bytes[at] <= ' ' && Json.isSpace(bytes[at])) {
      breaksLines |= bytes[at] == '\n' || bytes[at] == '\r';
      at++;
    }
    return at;
  }

  /**
   * Behind the closing quote of a string whose opening one stands before {@code from}.
   *
   * @param name whether it is a member's name: the parser refuses broken surrogate pairs in those
   */
  private int string(int from, boolean name) {
    int at = from;
    while (at < to) {
      if (at + Long.BYTES <= to) {
        long eight = (long) LONGS.get(bytes, at);
        long stops = stops(eight);
        if (stops == 0) {
          highBits |= eight & HIGH_BITS;
          at += Long.BYTES;
          continue;
        }
        // The lowest set bit is that of the first such byte; those before it are plain.
        highBits |= eight & HIGH_BITS & (stops ^ (stops - 1));
        at += Long.numberOfTrailingZeros(stops) / Byte.SIZE;
      }
      byte b = bytes[at];
      if (b == '"') {
        return at + 1;
      }
      if (b < 0x20) {
        if (b >= 0) {
          return NOT_JSON;
        }
        highBits |= b;
      }
      at = b == '\\' ? escape(at + 1, name) : at + 1;
      if (at == NOT_JSON) {
        return NOT_JSON;
      }
    }
    return NOT_JSON;
  }

  /**
   * The high bits of those of eight bytes that end a string, begin an escape or are control
   * characters; 0 if there are none.
   *
   * <p>For x below 0x80, (x - n) sets the high bit if x is below n; a byte that is n becomes 0 by
   * xor. A borrow comes only from a byte that is found itself, so that the lowest bit is always
   * right, and higher ones may be wrong.
   */
  private static long stops(long eight) {
    long quotes = eight ^ (ONES * '"');
    long backslashes = eight ^ (ONES * '\\');
    long suspects = (quotes - ONES) | (backslashes - ONES) | (eight - ONES * 0x20);
    return suspects & ~eight & HIGH_BITS;
  }

  private int escape(int at, boolean name) {
    if (at >= to) {
      return NOT_JSON;
    }
    return switch (bytes[at]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 1;
      case 'u' -> {
        int unit = unit(at + 1);
        boolean surrogate =
            name && unit >= Character.MIN_SURROGATE && unit <= Character.MAX_SURROGATE;
        yield unit == NOT_JSON ? NOT_JSON : surrogate ? pair(at + 5, unit) : at + 5;
      }
      default -> NOT_JSON;
    };
  }

  /** Behind the second half of a surrogate pair whose first one was {@code high}. */
  private int pair(int at, int high) {
    boolean escapes = at + 1 < to && bytes[at] == '\\' && bytes[at + 1] == 'u';
    int low = escapes && high < Character.MIN_LOW_SURROGATE ? unit(at + 2) : NOT_JSON;
    return low >= Character.MIN_LOW_SURROGATE && low <= Character.MAX_LOW_SURROGATE
        ? at + 6
        : NOT_JSON;
  }

  /** Four hexadecimal digits. */
  private int unit(int from) {
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
}
