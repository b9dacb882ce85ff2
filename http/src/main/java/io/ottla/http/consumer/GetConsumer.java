package io.ottla.http.consumer;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.ConsumerDescription;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.Set;
import java.util.function.LongFunction;

/** {@code GET /consumer/{id}}: one consumer. */
public final class GetConsumer implements RequestHandler {
  private final LongFunction<Answer<ConsumerDescription>> describe;

  /** Calls {@code describe}. */
  public GetConsumer(LongFunction<Answer<ConsumerDescription>> describe) {
    this.describe = describe;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    request.fields(Set.of());
    JsonBuffer out = new JsonBuffer(512);
    ConsumerJson.write(out, RequestHandler.valueOf(describe.apply(ConsumerId.of(request))));
    return Reply.json(200, out);
  }
}
