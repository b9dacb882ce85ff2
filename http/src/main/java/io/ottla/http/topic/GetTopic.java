package io.ottla.http.topic;

import io.ottla.broker.Answer;
import io.ottla.broker.TopicDescription;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** {@code GET /topic/{name}}: one topic with its partitions and their replicas. */
public final class GetTopic implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("cluster");

  private final BiFunction<Optional<String>, String, Answer<TopicDescription>> describe;

  /** Calls {@code describe}. */
  public GetTopic(BiFunction<Optional<String>, String, Answer<TopicDescription>> describe) {
    this.describe = describe;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Optional<String> cluster = request.fields(KNOWN).text("cluster");
    JsonBuffer out = new JsonBuffer(2048);
    TopicJson.write(out, RequestHandler.valueOf(describe.apply(cluster, request.pathParameter(0))));
    return Reply.json(200, out);
  }
}
