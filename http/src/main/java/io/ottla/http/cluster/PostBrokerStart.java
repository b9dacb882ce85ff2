package io.ottla.http.cluster;

import io.ottla.broker.Answer;
import io.ottla.broker.ClusterDescription.BrokerDescription;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;
import java.util.Set;

/** {@code POST /cluster/{name}/brokers/{id}/start}: starts a broker that was stopped. */
public final class PostBrokerStart implements RequestHandler {
  private final StartBroker start;

  /** Starts a broker. */
  @FunctionalInterface
  public interface StartBroker {
    /** Starts it. */
    Answer<BrokerDescription> start(String cluster, int brokerId);
  }

  /** Calls {@code start}. */
  public PostBrokerStart(StartBroker start) {
    this.start = start;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    request.fields(Set.of());
    int id = BrokerId.of(request);
    return BrokerId.reply(RequestHandler.valueOf(start.start(request.pathParameter(0), id)));
  }
}
