package io.ottla.http.topic;

import io.ottla.broker.Answer;
import io.ottla.broker.TopicDescription;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** {@code GET /topic}: the topics of a cluster, or of all. */
public final class GetTopics implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("cluster");

  private final Function<Optional<String>, Answer<List<TopicDescription>>> describe;

  /** Calls {@code describe}. */
  public GetTopics(Function<Optional<String>, Answer<List<TopicDescription>>> describe) {
    this.describe = describe;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Optional<String> cluster = request.fields(KNOWN).text("cluster");
    List<TopicDescription> topics = RequestHandler.valueOf(describe.apply(cluster));
    JsonBuffer out = new JsonBuffer(4096);
    out.raw("{\"topics\":[");
    for (int i = 0; i < topics.size(); i++) {
      out.raw(i > 0 ? "," : "");
      TopicJson.write(out, topics.get(i));
    }
    return Reply.json(200, out.raw("]}"));
  }
}
