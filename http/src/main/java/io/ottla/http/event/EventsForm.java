package io.ottla.http.event;

import io.ottla.http.Problem;
import io.ottla.http.ProblemException;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import java.util.Locale;

/** The forms in which events are answered. */
enum EventsForm {
  /** One JSON document. */
  JSON,
  /** One event per line, as many as there are. */
  LINES,
  /** One event per line, as they come. */
  LINE_STREAM,
  /** Server-sent events, as they come. */
  SERVER_SENT_EVENTS;

  private static final String ANY = "*/*";

  /** Whether the answer goes on as events come. */
  boolean follows() {
    return this == LINE_STREAM || this == SERVER_SENT_EVENTS;
  }

  /**
   * The form that is wanted: of those that are accepted the one with the highest quality, the first
   * of several.
   *
   * @param accept the header (RFC 9110, 12.5.1); empty for anything
   */
  static EventsForm of(String accept, Fields fields) throws InvalidJsonException, ProblemException {
    boolean follow = fields.bool("follow").orElse(false);
    EventsForm chosen = null;
    boolean anything = accept.isEmpty();
    double best = 0;
    for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = range.split(";", -1);
      double quality = quality(parts);
      String type = parts[0].trim();
      EventsForm offered = offered(type);
      if (quality > best && (offered != null || type.equals(ANY))) {
        best = quality;
        chosen = offered;
        anything = offered == null;
      }
    }
    if (chosen == null && !anything) {
      throw new ProblemException(
          Problem.of(
              406,
              "not_acceptable",
              "Events are answered as application/json, application/x-ndjson or"
                  + " text/event-stream."));
    }
    return chosen == null ? (follow ? LINE_STREAM : JSON) : chosen.following(follow, fields);
  }

  private EventsForm following(boolean follow, Fields fields) throws InvalidJsonException {
    return switch (this) {
      case JSON -> {
        if (follow) {
          throw InvalidJsonException.field(
              "follow", "\"follow\" needs application/x-ndjson or text/event-stream.");
        }
        yield JSON;
      }
      case LINES, LINE_STREAM -> follow ? LINE_STREAM : LINES;
      case SERVER_SENT_EVENTS -> {
        if (fields.has("follow") && !follow) {
          throw InvalidJsonException.field("follow", "text/event-stream always follows.");
        }
        yield SERVER_SENT_EVENTS;
      }
    };
  }

  private static EventsForm offered(String type) {
    return switch (type) {
      case "application/json", "application/*" -> JSON;
      case "application/x-ndjson", "application/ndjson" -> LINES;
      case "text/event-stream", "text/*" -> SERVER_SENT_EVENTS;
      default -> null;
    };
  }

  private static double quality(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].trim();
      if (parameter.startsWith("q=")) {
        try {
          return Double.parseDouble(parameter.substring(2));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }
}
