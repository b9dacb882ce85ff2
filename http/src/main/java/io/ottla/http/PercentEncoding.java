package io.ottla.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Decodes the parts of a URI (RFC 3986) and of a query as forms and browsers write it. */
final class PercentEncoding {
  private PercentEncoding() {}

  /** The text; null if it is not percent-encoded UTF-8. */
  static String decode(String encoded, boolean plusIsSpace) {
    if (encoded.indexOf('%') < 0 && isAscii(encoded)) {
      return plusIsSpace ? encoded.replace('+', ' ') : encoded;
    }
    ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%') {
        int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
        int low = high >= 0 ? Character.digit(encoded.charAt(i + 2), 16) : -1;
        if (low < 0) {
          return null;
        }
        bytes.put((byte) (high << 4 | low));
        i += 2;
      } else if (c >= 0x80) {
        return null;
      } else {
        bytes.put((byte) (plusIsSpace && c == '+' ? ' ' : c));
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The parameters of a query; each may be given once. */
  static Map<String, String> query(String rawQuery) throws ProblemException {
    if (rawQuery == null || rawQuery.isEmpty()) {
      return Map.of();
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : rawQuery.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
        String value = decode(equals < 0 ? "" : pair.substring(equals + 1), true);
        if (name == null || value == null) {
          throw invalid(name, "The query is not valid percent-encoded UTF-8.");
        }
        if (parameters.put(name, value) != null) {
          throw invalid(name, "\"" + name + "\" is given twice.");
        }
      }
    }
    return parameters;
  }

  private static ProblemException invalid(String field, String detail) {
    Problem problem = Problem.of(400, "invalid_request", detail);
    return new ProblemException(field == null ? problem : problem.with("field", field));
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }
}
