package io.ottla.http.cluster;

import io.ottla.broker.Answer;
import io.ottla.broker.Done;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import java.util.Set;
import java.util.function.Function;

/** {@code DELETE /cluster/{name}}: removes a cluster and its directory. */
public final class RemoveCluster implements RequestHandler {
  private final Function<String, Answer<Done>> delete;

  /** Calls {@code delete}. */
  public RemoveCluster(Function<String, Answer<Done>> delete) {
    this.delete = delete;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    request.fields(Set.of());
    RequestHandler.valueOf(delete.apply(request.pathParameter(0)));
    return Reply.noContent();
  }
}
