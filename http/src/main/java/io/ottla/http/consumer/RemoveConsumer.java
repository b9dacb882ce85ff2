package io.ottla.http.consumer;

import io.ottla.broker.Answer;
import io.ottla.broker.Done;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import java.util.Set;
import java.util.function.LongFunction;

/** {@code DELETE /consumer/{id}}: takes a consumer out of its group and forgets it. */
public final class RemoveConsumer implements RequestHandler {
  private final LongFunction<Answer<Done>> delete;

  /** Calls {@code delete}. */
  public RemoveConsumer(LongFunction<Answer<Done>> delete) {
    this.delete = delete;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    request.fields(Set.of());
    RequestHandler.valueOf(delete.apply(ConsumerId.of(request)));
    return Reply.noContent();
  }
}
