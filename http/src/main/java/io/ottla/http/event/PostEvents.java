package io.ottla.http.event;

import io.ottla.broker.Answer;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.ProduceBody;
import java.util.Set;

/**
 * {@code POST /events} with a JSON body: appends one event or a batch, and answers what became of
 * it.
 */
public final class PostEvents implements RequestHandler {
  private static final Set<String> KNOWN_BESIDE = ProduceQuery.knownWith(Set.of("results"));

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
    return switch (parsed.results()) {
      case SINGLE -> ProduceReply.toSingle(result);
      case EVENTS -> ProduceReply.toEvents(result);
      case PARTITIONS -> ProduceReply.toPartitions(result);
    };
  }

  private static ProduceBody.Beside beside(Request request) throws InvalidJsonException {
    if (request.query().isEmpty() && !ProduceQuery.isIn(request.headers())) {
      return ProduceBody.Beside.NOTHING;
    }
    Fields fields = request.queryFields(KNOWN_BESIDE);
    ProduceQuery query = ProduceQuery.read(fields, request.headers());
    return new ProduceBody.Beside(
        query.topic(), query.cluster(), query.timeoutMs(), query.numbers(), fields.text("results"));
  }
}
