package io.ottla.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import java.util.Map;

/**
 * Turns what Helidon refuses by itself, before any route, into problem documents. Everything it
 * refuses is the request's fault, so that its 5xx (an HTTP version or a transfer encoding that it
 * does not know, a line break that it stumbles over) become 400.
 */
final class HelidonProblems implements DirectHandler {
  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType eventType,
      Status defaultStatus,
      ServerResponseHeaders responseHeaders,
      String message) {
    Problem problem = problem(defaultStatus.code());
    if (ProducingPath.matches(request.method(), request.path())) {
      problem = problem.withAppendedUnlessSaid(false);
    }
    return TransportResponse.builder()
        .status(Statuses.of(problem.status()))
        .headers(responseHeaders)
        .header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/problem+json"))
        .keepAlive(false)
        .entity(problem.toJson().toByteArray())
        .build();
  }

  private static Problem problem(int status) {
    return switch (status) {
      case 413 -> Problem.of(413, "body_too_large", "The body is too large.");
      case 414 -> Problem.of(414, "uri_too_long", "The request line is too long.");
      case 503 -> new Problem(503, "overloaded", true, "Too many requests.", Map.of());
      default -> Problem.of(400, "bad_request", "The request is not well-formed HTTP/1.1.");
    };
  }
}
