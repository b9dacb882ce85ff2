package io.ottla.http.json;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.http.json.JsonScan.Finding;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/** How JSON is parsed everywhere here: UTF-8 only, strictly, with bounded depth. Thread-safe. */
final class Json {
  /** Deeper documents are refused, and deeper stored values are not shown as JSON. */
  static final int MAX_DEPTH = 500;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
  private static final int LARGEST_DOCUMENT_BYTES = 64 * 1024 * 1024;

  /**
   * Charset detection is off, as UTF-16 would be accepted otherwise and byte offsets would be
   * wrong. Numbers, strings and names are bounded by the document; none is converted before its
   * length is checked.
   */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(LARGEST_DOCUMENT_BYTES)
                  .maxStringLength(LARGEST_DOCUMENT_BYTES)
                  .maxNameLength(LARGEST_DOCUMENT_BYTES)
                  .build())
          .build();

  private Json() {}

  /** A parser of {@code bytes[from, to)}; its byte offsets count from {@code from}. */
  static JsonParser parser(byte[] bytes, int from, int to) {
    return FACTORY.createParser(ObjectReadContext.empty(), bytes, from, to - from);
  }

  /**
   * Whether {@code bytes[from, to)} is exactly one JSON value, without space around it and not
   * {@code null}: shown as JSON, a reader gets these very bytes back.
   */
  static Finding oneValue(byte[] bytes, int from, int to) {
    return from == to || !mayBegin(bytes[from]) || isSpace(bytes[to - 1])
        ? Finding.NOT_JSON
        : JsonScan.scan(bytes, from, to);
  }

  /** The first byte of the document, after a byte order mark. */
  static int afterByteOrderMark(byte[] bytes, int lengthBytes) {
    return afterByteOrderMark(bytes, 0, lengthBytes);
  }

  /** The size of the byte order mark at the beginning of {@code bytes[from, to)}; 0 or 3. */
  static int afterByteOrderMark(byte[] bytes, int from, int to) {
    return Ascii.startsWith(bytes, from, to, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  }

  /** The first byte from {@code from} on that is not space; {@code to} if there is none. */
  static int afterSpace(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] <= ' ' && isSpace(bytes[at])) {
      at++;
    }
    return at;
  }

  /** Behind the last byte before {@code to} that is not space; {@code from} if there is none. */
  static int beforeSpace(byte[] bytes, int from, int to) {
    int at = to;
    while (at > from && bytes[at - 1] <= ' ' && isSpace(bytes[at - 1])) {
      at--;
    }
    return at;
  }

  static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private static boolean mayBegin(byte b) {
    return switch (b) {
      case '{', '[', '"', '-', 't', 'f' -> true;
      default -> b >= '0' && b <= '9';
    };
  }

  /** What to tell the caller about a body that does not parse. */
  static Refusal refusal(RuntimeException failure) {
    return refusal("body", failure);
  }

  /**
   * What to tell the caller about text that does not parse.
   *
   * @param what what the text is
   */
  static Refusal refusal(String what, RuntimeException failure) {
    if (failure instanceof StreamConstraintsException constraint
        && constraint.getOriginalMessage().contains("nesting depth")) {
      return Refusal.of(
          RefusalCode.INVALID_REQUEST,
          "The " + what + " is nested deeper than " + MAX_DEPTH + " levels.");
    }
    long offset =
        failure instanceof JacksonException known && known.getLocation() != null
            ? known.getLocation().getByteOffset()
            : -1;
    String where = offset < 0 ? "" : " at byte " + offset;
    return Refusal.of(
        RefusalCode.INVALID_REQUEST, "The " + what + " is not valid JSON" + where + ".");
  }
}
