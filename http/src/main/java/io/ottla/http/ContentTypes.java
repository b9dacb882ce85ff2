package io.ottla.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerRequestHeaders;
import java.util.Locale;

/**
 * Which bodies are read, and what answers are. A body is JSON, and it may say so, or nothing, or
 * {@code application/x-www-form-urlencoded}: that is what {@code curl -d} says of any body, and
 * {@code curl -d '{…}'} must work as it is typed. A browser cannot use that to post a form of
 * another site, as {@link HostCheck} refuses its origin.
 */
final class ContentTypes {
  static final Header JSON = HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json");
  static final Header NDJSON =
      HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
  static final Header EVENT_STREAM =
      HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/event-stream");
  static final Header PROBLEM =
      HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/problem+json");

  private ContentTypes() {}

  /** Refuses what is not read. */
  static void check(ServerRequestHeaders headers) throws ProblemException {
    if (!headers.contains(HeaderNames.CONTENT_TYPE)) {
      return;
    }
    String type = headers.get(HeaderNames.CONTENT_TYPE).get();
    if (!type.equals("application/json")) {
      checkDetails(type.toLowerCase(Locale.ROOT));
    }
  }

  private static void checkDetails(String type) throws ProblemException {
    int semicolon = type.indexOf(';');
    String media = (semicolon < 0 ? type : type.substring(0, semicolon)).trim();
    switch (media) {
      case "application/json", "application/x-www-form-urlencoded", "" ->
          checkCharset(semicolon < 0 ? "" : type.substring(semicolon));
      default ->
          throw unsupported(
              "Bodies must be application/json here; what was sent is of another type.");
    }
  }

  private static void checkCharset(String parameters) throws ProblemException {
    int charset = parameters.indexOf("charset=");
    if (charset >= 0) {
      String name = parameters.substring(charset + "charset=".length()).replace("\"", "").trim();
      if (!name.startsWith("utf-8") && !name.startsWith("utf8") && !name.startsWith("us-ascii")) {
        throw unsupported("Bodies must be UTF-8.");
      }
    }
  }

  private static ProblemException unsupported(String detail) {
    return new ProblemException(Problem.of(415, "unsupported_media_type", detail));
  }
}
