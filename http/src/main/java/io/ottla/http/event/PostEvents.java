package io.ottla.http.event;

import io.ottla.broker.Answer;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.http.Problem;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.EventJson;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import io.ottla.http.json.ProduceBody;
import java.util.Set;

/** {@code POST /events}: appends one event or a batch, and answers what became of each. */
public final class PostEvents implements RequestHandler {
  private static final Set<String> KNOWN_BESIDE = Set.of("topic", "cluster", "timeout_ms");
  private static final int MAX_TIMEOUT_MS = 60_000;
  private static final int SINGLE_ANSWER_BYTES = 128;
  private static final int BYTES_PER_EVENT = 36;

  private final Produce produce;

  /** Appends events. */
  @FunctionalInterface
  public interface Produce {
    /** Appends them. */
    Answer<ProduceResult> produce(ProduceRequest request) throws InterruptedException;
  }

  /** Calls {@code produce}. */
  public PostEvents(Produce produce) {
    this.produce = produce;
  }

  @Override
  public Reply handle(Request request)
      throws InvalidJsonException, ProblemException, InterruptedException {
    ProduceBody.Parsed parsed =
        ProduceBody.read(request.body(), request.bodyLengthBytes(), beside(request));
    ProduceResult result = RequestHandler.valueOf(produce.produce(parsed.request()));
    return parsed.batch() ? batchReply(result) : singleReply(result);
  }

  private static ProduceBody.Beside beside(Request request) throws InvalidJsonException {
    if (request.query().isEmpty()) {
      return ProduceBody.Beside.NOTHING;
    }
    Fields fields = Fields.read(request.query(), request.body(), 0, KNOWN_BESIDE);
    return new ProduceBody.Beside(
        fields.text("topic"),
        fields.text("cluster"),
        fields.integer("timeout_ms", 1, MAX_TIMEOUT_MS));
  }

  private static Reply singleReply(ProduceResult result) throws ProblemException {
    return switch (result.events().getFirst()) {
      case EventResult.Committed committed -> {
        JsonBuffer out = new JsonBuffer(SINGLE_ANSWER_BYTES);
        EventJson.writeCommitted(out, result.topic(), committed);
        yield Reply.json(201, out);
      }
      case EventResult.Failed failed -> throw new ProblemException(Problem.of(failed.refusal()));
    };
  }

  private static Reply batchReply(ProduceResult result) {
    JsonBuffer out = new JsonBuffer(SINGLE_ANSWER_BYTES + BYTES_PER_EVENT * result.events().size());
    EventJson.writeBatchResult(out, result);
    return Reply.json(result.allCommitted() ? 201 : 207, out);
  }
}
