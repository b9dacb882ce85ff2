package io.ottla.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;

/** What answers are. */
final class ContentTypes {
  static final Header JSON = HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json");
  static final Header NDJSON =
      HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
  static final Header EVENT_STREAM =
      HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/event-stream");
  static final Header PROBLEM =
      HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/problem+json");

  private ContentTypes() {}
}
