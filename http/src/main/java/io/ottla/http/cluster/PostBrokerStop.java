package io.ottla.http.cluster;

import io.ottla.broker.Answer;
import io.ottla.broker.ClusterDescription.BrokerDescription;
import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import java.util.Set;

/**
 * {@code POST /cluster/{name}/brokers/{id}/stop}: stops a broker, cleanly or as if it were lost.
 */
public final class PostBrokerStop implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("mode");

  private final StopBroker stop;

  /** Stops a broker. */
  @FunctionalInterface
  public interface StopBroker {
    /** Stops it. */
    Answer<BrokerDescription> stop(String cluster, int brokerId, StopMode mode);
  }

  /** Calls {@code stop}. */
  public PostBrokerStop(StopBroker stop) {
    this.stop = stop;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    StopMode mode =
        switch (fields.text("mode").orElse("clean")) {
          case "clean" -> StopMode.CLEAN;
          case "crash" -> StopMode.CRASH;
          default -> throw fields.invalid("mode", "must be clean or crash");
        };
    int id = BrokerId.of(request);
    return BrokerId.reply(RequestHandler.valueOf(stop.stop(request.pathParameter(0), id, mode)));
  }
}
