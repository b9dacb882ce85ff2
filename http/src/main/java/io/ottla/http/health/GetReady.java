package io.ottla.http.health;

import io.ottla.http.Problem;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** {@code GET /health/ready}: every cluster is served and every group has a leader, or why not. */
public final class GetReady implements RequestHandler {
  private final Supplier<List<String>> reasonsNotReady;

  /** Calls {@code reasonsNotReady}; no reasons mean ready. */
  public GetReady(Supplier<List<String>> reasonsNotReady) {
    this.reasonsNotReady = reasonsNotReady;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    request.fields(Set.of());
    List<String> reasons = reasonsNotReady.get();
    if (!reasons.isEmpty()) {
      throw new ProblemException(
          new Problem(
              503,
              "not_ready",
              true,
              "Not everything is served: see reasons.",
              Map.of("reasons", reasons)));
    }
    return Reply.json(200, new JsonBuffer(32).raw("{\"status\":\"ready\"}"));
  }
}
