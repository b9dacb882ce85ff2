package io.ottla.http;

import io.helidon.http.Header;
import io.ottla.http.json.JsonBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is answered. Its buffer belongs to the reply from then on.
 *
 * @param headers beside the content type and length
 */
public record Reply(int status, Header contentType, JsonBuffer body, Map<String, String> headers) {
  /** JSON. */
  public static Reply json(int status, JsonBuffer body) {
    return new Reply(status, ContentTypes.JSON, body, Map.of());
  }

  /** 204, nothing to say. */
  public static Reply noContent() {
    return new Reply(204, ContentTypes.JSON, new JsonBuffer(0), Map.of());
  }

  /** A problem document. */
  static Reply problem(Problem problem) {
    Map<String, String> headers = new LinkedHashMap<>();
    long retryAfter = problem.retryAfterSeconds();
    if (retryAfter > 0) {
      headers.put("Retry-After", Long.toString(retryAfter));
    }
    if (problem.attributes().get("allow") instanceof List<?> methods) {
      headers.put("Allow", String.join(", ", methods.stream().map(String::valueOf).toList()));
    }
    return new Reply(problem.status(), ContentTypes.PROBLEM, problem.toJson(), headers);
  }
}
