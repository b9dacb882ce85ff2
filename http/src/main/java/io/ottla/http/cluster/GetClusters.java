package io.ottla.http.cluster;

import io.ottla.broker.ClusterDescription;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** {@code GET /cluster}: all clusters. */
public final class GetClusters implements RequestHandler {
  private final Supplier<List<ClusterDescription>> describe;

  /** Calls {@code describe}. */
  public GetClusters(Supplier<List<ClusterDescription>> describe) {
    this.describe = describe;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException {
    request.fields(Set.of());
    List<ClusterDescription> clusters = describe.get();
    JsonBuffer out = new JsonBuffer(1024);
    out.raw("{\"clusters\":[");
    for (int i = 0; i < clusters.size(); i++) {
      out.raw(i > 0 ? "," : "");
      ClusterJson.write(out, clusters.get(i));
    }
    return Reply.json(200, out.raw("]}"));
  }
}
