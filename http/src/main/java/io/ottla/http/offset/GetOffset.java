package io.ottla.http.offset;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.OffsetsRequest;
import io.ottla.broker.consume.OffsetsResult;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** {@code GET /offset}: where a consumer or a group is up to. */
public final class GetOffset implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("consumer_id", "group", "topic", "cluster");
  private static final List<String> OF_GROUPS = List.of("group", "topic", "cluster");

  private final Describe describe;

  /** Says where a consumer or group is up to. */
  @FunctionalInterface
  public interface Describe {
    /** Says it. */
    Answer<OffsetsResult> describe(OffsetsRequest request) throws InterruptedException;
  }

  /** Calls {@code describe}. */
  public GetOffset(Describe describe) {
    this.describe = describe;
  }

  @Override
  public Reply handle(Request request)
      throws InvalidJsonException, ProblemException, InterruptedException {
    OffsetsRequest wanted = read(request.fields(KNOWN));
    OffsetsResult result = RequestHandler.valueOf(describe.describe(wanted));
    JsonBuffer out = new JsonBuffer(512);
    out.raw("{\"group\":").string(result.group()).raw(",\"partitions\":[");
    for (int i = 0; i < result.partitions().size(); i++) {
      out.raw(i > 0 ? ",{" : "{");
      ProgressJson.writeName(out, result.partitions().get(i));
      ProgressJson.writeProgress(out, result.partitions().get(i));
      out.raw('}');
    }
    return Reply.json(200, out.raw("]}"));
  }

  private static OffsetsRequest read(Fields fields) throws InvalidJsonException {
    OptionalLong consumerId = fields.longInteger("consumer_id", 1, Long.MAX_VALUE);
    if (consumerId.isPresent()) {
      for (String field : OF_GROUPS) {
        if (fields.has(field)) {
          throw InvalidJsonException.field(
              field, "\"" + field + "\" cannot stand beside \"consumer_id\".");
        }
      }
      return new OffsetsRequest.OfConsumer(consumerId.getAsLong());
    }
    Optional<String> group = fields.text("group");
    if (group.isEmpty()) {
      throw InvalidJsonException.field("consumer_id", "\"consumer_id\" or \"group\" is required.");
    }
    return new OffsetsRequest.OfGroup(fields.text("cluster"), group.get(), fields.text("topic"));
  }
}
