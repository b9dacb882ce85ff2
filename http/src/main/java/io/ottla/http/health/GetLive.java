package io.ottla.http.health;

import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.Set;

/** {@code GET /health/live}: the process answers. */
public final class GetLive implements RequestHandler {
  @Override
  public Reply handle(Request request) throws InvalidJsonException {
    request.fields(Set.of());
    return Reply.json(200, new JsonBuffer(32).raw("{\"status\":\"live\"}"));
  }
}
