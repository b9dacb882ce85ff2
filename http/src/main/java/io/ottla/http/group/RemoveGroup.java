package io.ottla.http.group;

import io.ottla.broker.Answer;
import io.ottla.broker.Done;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** {@code DELETE /group/{name}}: removes a consumer group that has no active members. */
public final class RemoveGroup implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("cluster");

  private final BiFunction<Optional<String>, String, Answer<Done>> delete;

  /** Calls {@code delete}. */
  public RemoveGroup(BiFunction<Optional<String>, String, Answer<Done>> delete) {
    this.delete = delete;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Optional<String> cluster = request.fields(KNOWN).text("cluster");
    RequestHandler.valueOf(delete.apply(cluster, request.pathParameter(0)));
    return Reply.noContent();
  }
}
