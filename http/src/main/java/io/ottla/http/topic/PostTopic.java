package io.ottla.http.topic;

import io.ottla.broker.Answer;
import io.ottla.broker.CreateTopic;
import io.ottla.broker.TopicDescription;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.Set;
import java.util.function.Function;

/** {@code POST /topic}: makes a topic. */
public final class PostTopic implements RequestHandler {
  private static final Set<String> KNOWN =
      Set.of(
          "name",
          "cluster",
          "partitions",
          "retention_policies",
          "retention_bytes",
          "segment_bytes",
          "compression",
          "cleanup_policy",
          "max_record_bytes");

  private final Function<CreateTopic.Request, Answer<TopicDescription>> create;

  /** Calls {@code create}. */
  public PostTopic(Function<CreateTopic.Request, Answer<TopicDescription>> create) {
    this.create = create;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    var wanted =
        new CreateTopic.Request(
            fields.text("cluster"),
            fields.requiredText("name"),
            TopicFields.partitions(fields),
            TopicFields.retentionHours(fields),
            TopicFields.retentionBytes(fields),
            TopicFields.segmentBytes(fields),
            TopicFields.compression(fields),
            TopicFields.cleanupPolicy(fields),
            TopicFields.maxRecordBytes(fields));
    JsonBuffer out = new JsonBuffer(2048);
    TopicJson.write(out, RequestHandler.valueOf(create.apply(wanted)));
    return Reply.json(201, out);
  }
}
