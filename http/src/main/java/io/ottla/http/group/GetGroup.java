package io.ottla.http.group;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.GroupDescription;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** {@code GET /group/{name}}: one consumer group with its members and its progress. */
public final class GetGroup implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("cluster");

  private final BiFunction<Optional<String>, String, Answer<GroupDescription>> describe;

  /** Calls {@code describe}. */
  public GetGroup(BiFunction<Optional<String>, String, Answer<GroupDescription>> describe) {
    this.describe = describe;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Optional<String> cluster = request.fields(KNOWN).text("cluster");
    JsonBuffer out = new JsonBuffer(2048);
    GroupJson.write(out, RequestHandler.valueOf(describe.apply(cluster, request.pathParameter(0))));
    return Reply.json(200, out);
  }
}
