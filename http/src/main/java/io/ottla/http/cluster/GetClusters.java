package io.ottla.http.cluster;

import io.ottla.broker.ClusterDescription;
import io.ottla.broker.NotServed;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** {@code GET /cluster}: all clusters, and those that lie there and are not served, if any. */
public final class GetClusters implements RequestHandler {
  private final Supplier<List<ClusterDescription>> describe;
  private final Supplier<List<NotServed>> notServed;

  /** Calls both for each request. */
  public GetClusters(
      Supplier<List<ClusterDescription>> describe, Supplier<List<NotServed>> notServed) {
    this.describe = describe;
    this.notServed = notServed;
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
    out.raw(']');
    List<NotServed> others = notServed.get();
    for (int i = 0; i < others.size(); i++) {
      out.raw(i > 0 ? "," : ",\"not_served\":[");
      ClusterJson.write(out, others.get(i));
    }
    return Reply.json(200, out.raw(others.isEmpty() ? "}" : "]}"));
  }
}
