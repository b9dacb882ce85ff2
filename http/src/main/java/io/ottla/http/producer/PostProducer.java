package io.ottla.http.producer;

import io.ottla.broker.Answer;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import io.ottla.metadata.Producer;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** {@code POST /producer}: registers a producer, always a new one. */
public final class PostProducer implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("name", "cluster");

  private final BiFunction<Optional<String>, String, Answer<Producer>> register;

  /** Calls {@code register}, with a cluster and a name. */
  public PostProducer(BiFunction<Optional<String>, String, Answer<Producer>> register) {
    this.register = register;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    Producer producer =
        RequestHandler.valueOf(register.apply(fields.text("cluster"), fields.requiredText("name")));
    JsonBuffer out = new JsonBuffer(128);
    out.raw("{\"producer_id\":").number(producer.id());
    out.raw(",\"name\":").string(producer.name()).raw('}');
    return Reply.json(201, out);
  }
}
