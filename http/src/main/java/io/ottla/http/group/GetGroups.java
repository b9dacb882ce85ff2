package io.ottla.http.group;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.GroupDescription.Summary;
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

/** {@code GET /group}: the consumer groups of a cluster, or of all. */
public final class GetGroups implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("cluster");

  private final Function<Optional<String>, Answer<List<Summary>>> describe;

  /** Calls {@code describe}. */
  public GetGroups(Function<Optional<String>, Answer<List<Summary>>> describe) {
    this.describe = describe;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Optional<String> cluster = request.fields(KNOWN).text("cluster");
    List<Summary> groups = RequestHandler.valueOf(describe.apply(cluster));
    JsonBuffer out = new JsonBuffer(1024);
    out.raw("{\"groups\":[");
    for (int i = 0; i < groups.size(); i++) {
      out.raw(i > 0 ? ",{" : "{");
      GroupJson.write(out, groups.get(i));
      out.raw(",\"members\":").number(groups.get(i).members()).raw('}');
    }
    return Reply.json(200, out.raw("]}"));
  }
}
