package io.ottla.http;

import io.helidon.http.Header;
import io.ottla.http.json.JsonBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is answered. */
public sealed interface Reply {
  /** The status. */
  int status();

  /** The type of what follows. */
  Header contentType();

  /** Headers beside the content type and length. */
  Map<String, String> headers();

  /** An answer that is there as a whole. Its buffer belongs to the reply from then on. */
  record Whole(int status, Header contentType, JsonBuffer body, Map<String, String> headers)
      implements Reply {}

  /** An answer that is written as it comes about, 200; its end is the connection's. */
  record Streamed(Header contentType, Map<String, String> headers, StreamBody body)
      implements Reply {
    @Override
    public int status() {
      return 200;
    }
  }

  /** JSON. */
  static Whole json(int status, JsonBuffer body) {
    return new Whole(status, ContentTypes.JSON, body, Map.of());
  }

  /** One JSON value per line. */
  static Whole lines(JsonBuffer body, Map<String, String> headers) {
    return new Whole(200, ContentTypes.NDJSON, body, headers);
  }

  /** One JSON value per line, as they come. */
  static Streamed lineStream(StreamBody body, Map<String, String> headers) {
    return new Streamed(ContentTypes.NDJSON, headers, body);
  }

  /** Server-sent events, as they come. */
  static Streamed eventStream(StreamBody body, Map<String, String> headers) {
    return new Streamed(ContentTypes.EVENT_STREAM, headers, body);
  }

  /** 204, nothing to say. */
  static Whole noContent() {
    return new Whole(204, ContentTypes.JSON, new JsonBuffer(0), Map.of());
  }

  /** A problem document. */
  static Whole problem(Problem problem) {
    Map<String, String> headers = new LinkedHashMap<>();
    long retryAfter = problem.retryAfterSeconds();
    if (retryAfter > 0) {
      headers.put("Retry-After", Long.toString(retryAfter));
    }
    if (problem.attributes().get("allow") instanceof List<?> methods) {
      headers.put("Allow", String.join(", ", methods.stream().map(String::valueOf).toList()));
    }
    return new Whole(problem.status(), ContentTypes.PROBLEM, problem.toJson(), headers);
  }
}
