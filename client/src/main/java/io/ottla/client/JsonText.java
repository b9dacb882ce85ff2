package io.ottla.client;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Tells whether bytes are exactly one JSON value (RFC 8259) in UTF-8, without space around it and
 * not {@code null}: such a value may travel as JSON and is stored as the bytes it is. Whatever is
 * unusual (deep nesting, very long numbers) is denied and travels as base64, which is stored the
 * same. Thread-safe.
 */
final class JsonText {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_SIZE = 500;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_SIZE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private JsonText() {}

  static boolean isOneValue(byte[] bytes) {
    if (bytes.length == 0
        || bytes[0] == 'n'
        || isSpace(bytes[0])
        || isSpace(bytes[bytes.length - 1])
        || !Utf8.isValid(bytes)) {
      return false;
    }
    try (JsonParser parser =
        FACTORY.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      parser.finishToken();
      return parser.nextToken() == null;
    } catch (JacksonException e) {
      return false;
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }
}
