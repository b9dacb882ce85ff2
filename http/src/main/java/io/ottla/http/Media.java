package io.ottla.http;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The media types of bodies that are read; each route takes some of them. */
public enum Media {
  /** One JSON document. */
  JSON("application/json"),
  /** One JSON value per line. */
  LINES("application/x-ndjson"),
  /** Any bytes. */
  BYTES("application/octet-stream");

  /**
   * What they are called. {@code application/x-www-form-urlencoded} is what {@code curl -d} says of
   * any body, and {@code curl -d '{…}'} must work as it is typed. A browser cannot use that to post
   * a form of another site, as {@link HostCheck} refuses its origin.
   */
  private static final Map<String, Media> NAMES =
      Map.of(
          "", JSON,
          "application/json", JSON,
          "application/x-www-form-urlencoded", JSON,
          "application/x-ndjson", LINES,
          "application/ndjson", LINES,
          "application/jsonl", LINES,
          "application/octet-stream", BYTES);

  private final String wireName;

  Media(String wireName) {
    this.wireName = wireName;
  }

  /**
   * What a body is.
   *
   * @param contentType the header; empty if there is none
   * @param accepted what the route takes
   */
  static Media of(String contentType, Set<Media> accepted) throws ProblemException {
    int semicolon = contentType.indexOf(';');
    String name = (semicolon < 0 ? contentType : contentType.substring(0, semicolon)).trim();
    Media media = NAMES.get(name.toLowerCase(Locale.ROOT));
    if (media == null || !accepted.contains(media)) {
      throw unsupported(
          "Bodies must be " + names(accepted) + " here; what was sent is of another type.");
    }
    if (semicolon >= 0 && media != BYTES) {
      checkCharset(contentType.substring(semicolon).toLowerCase(Locale.ROOT));
    }
    return media;
  }

  private static String names(Set<Media> accepted) {
    StringBuilder names = new StringBuilder();
    for (Media media : new TreeSet<>(accepted)) {
      names.append(names.isEmpty() ? "" : " or ").append(media.wireName);
    }
    return names.toString();
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
