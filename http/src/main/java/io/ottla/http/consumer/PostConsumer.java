package io.ottla.http.consumer;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.ConsumerMembership;
import io.ottla.broker.consume.ConsumerSettings;
import io.ottla.broker.consume.CreateConsumer;
import io.ottla.broker.consume.PollEvents;
import io.ottla.broker.consume.StartFrom;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** {@code POST /consumer}: makes a consumer of one or several topics. */
public final class PostConsumer implements RequestHandler {
  private static final Set<String> KNOWN =
      Set.of("topics", "cluster", "group", "from", "session_timeout_ms", "auto_commit");
  private static final long DEFAULT_SESSION_TIMEOUT_MS =
      PollEvents.DEFAULT_SESSION_TIMEOUT.toMillis();

  private final Function<CreateConsumer.Request, Answer<ConsumerMembership>> create;

  /** Calls {@code create}. */
  public PostConsumer(Function<CreateConsumer.Request, Answer<ConsumerMembership>> create) {
    this.create = create;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    List<String> topics = fields.texts("topics");
    if (!fields.has("topics")) {
      throw fields.missing("topics");
    }
    var settings =
        new ConsumerSettings(
            topics,
            fields.startFrom("from").orElse(new StartFrom.Earliest()),
            fields
                .longInteger(
                    "session_timeout_ms",
                    CreateConsumer.MIN_SESSION_TIMEOUT_MS,
                    CreateConsumer.MAX_SESSION_TIMEOUT_MS)
                .orElse(DEFAULT_SESSION_TIMEOUT_MS),
            fields.bool("auto_commit").orElse(true));
    var wanted = new CreateConsumer.Request(fields.text("cluster"), fields.text("group"), settings);
    JsonBuffer out = new JsonBuffer(512);
    ConsumerJson.write(out, RequestHandler.valueOf(create.apply(wanted)));
    return Reply.json(201, out);
  }
}
