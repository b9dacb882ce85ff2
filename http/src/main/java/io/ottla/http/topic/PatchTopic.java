package io.ottla.http.topic;

import io.ottla.broker.AlterTopic;
import io.ottla.broker.Answer;
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

/** {@code PATCH /topic/{name}}: changes retention or compression, or adds partitions. */
public final class PatchTopic implements RequestHandler {
  private static final Set<String> KNOWN =
      Set.of("cluster", "partitions", "retention_policies", "retention_bytes", "compression");

  private final Function<AlterTopic.Request, Answer<TopicDescription>> alter;

  /** Calls {@code alter}. */
  public PatchTopic(Function<AlterTopic.Request, Answer<TopicDescription>> alter) {
    this.alter = alter;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    var wanted =
        new AlterTopic.Request(
            fields.text("cluster"),
            request.pathParameter(0),
            TopicFields.partitions(fields),
            TopicFields.retentionHours(fields),
            TopicFields.retentionBytes(fields),
            TopicFields.compression(fields));
    JsonBuffer out = new JsonBuffer(2048);
    TopicJson.write(out, RequestHandler.valueOf(alter.apply(wanted)));
    return Reply.json(200, out);
  }
}
