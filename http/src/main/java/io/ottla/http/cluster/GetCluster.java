package io.ottla.http.cluster;

import io.ottla.broker.Answer;
import io.ottla.broker.ClusterDescription;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.Set;
import java.util.function.Function;

/** {@code GET /cluster/{name}}: a cluster with its topics. */
public final class GetCluster implements RequestHandler {
  private final Function<String, Answer<ClusterDescription>> describe;

  /** Calls {@code describe}. */
  public GetCluster(Function<String, Answer<ClusterDescription>> describe) {
    this.describe = describe;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    request.fields(Set.of());
    JsonBuffer out = new JsonBuffer(4096);
    ClusterJson.write(out, RequestHandler.valueOf(describe.apply(request.pathParameter(0))));
    return Reply.json(200, out);
  }
}
