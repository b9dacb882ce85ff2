package io.ottla.http.consumer;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.ConsumerMembership;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.Set;
import java.util.function.LongFunction;

/** {@code POST /consumer/{id}/heartbeat}: keeps a consumer's session alive. */
public final class PostHeartbeat implements RequestHandler {
  private final LongFunction<Answer<ConsumerMembership>> beat;

  /** Calls {@code beat}. */
  public PostHeartbeat(LongFunction<Answer<ConsumerMembership>> beat) {
    this.beat = beat;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    request.fields(Set.of());
    JsonBuffer out = new JsonBuffer(512);
    ConsumerJson.write(out, RequestHandler.valueOf(beat.apply(ConsumerId.of(request))));
    return Reply.json(200, out);
  }
}
