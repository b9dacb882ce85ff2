package io.ottla.http.cluster;

import io.ottla.broker.Answer;
import io.ottla.broker.ClusterDescription;
import io.ottla.broker.CreateCluster;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import io.ottla.http.topic.TopicFields;
import java.util.Set;
import java.util.function.Function;

/** {@code POST /cluster}: makes a cluster. */
public final class PostCluster implements RequestHandler {
  private static final Set<String> KNOWN =
      Set.of("name", "num_brokers", "log_directory", "partitions", "retention_policies");
  private static final int MAX_BROKERS = 9;

  private final Function<CreateCluster.Request, Answer<ClusterDescription>> create;

  /** Calls {@code create}. */
  public PostCluster(Function<CreateCluster.Request, Answer<ClusterDescription>> create) {
    this.create = create;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    var wanted =
        new CreateCluster.Request(
            fields.requiredText("name"),
            fields.integer("num_brokers", 1, MAX_BROKERS),
            fields.text("log_directory"),
            TopicFields.partitions(fields),
            TopicFields.retentionHours(fields));
    JsonBuffer out = new JsonBuffer(1024);
    ClusterJson.write(out, RequestHandler.valueOf(create.apply(wanted)));
    return Reply.json(201, out);
  }
}
