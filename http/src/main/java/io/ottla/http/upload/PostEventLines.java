package io.ottla.http.upload;

import io.ottla.broker.Answer;
import io.ottla.broker.produce.ProduceEvents.StreamRequest;
import io.ottla.broker.produce.ProduceStream;
import io.ottla.http.ArrivingBody;
import io.ottla.http.ArrivingHandler;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.InvalidJsonException;

/**
 * {@code POST /events} with a body of lines: commits it while it arrives, and answers what became
 * of it. A body without an event is answered with a count of 0.
 */
public final class PostEventLines implements ArrivingHandler {
  private final Open open;

  /** Begins to append to a topic. */
  @FunctionalInterface
  public interface Open {
    /** Begins. */
    Answer<ProduceStream> open(StreamRequest request) throws InterruptedException;
  }

  /** Calls {@code open}. */
  public PostEventLines(Open open) {
    this.open = open;
  }

  @Override
  public Reply handle(Request request, ArrivingBody body)
      throws InvalidJsonException, ProblemException, InterruptedException {
    UploadQuery query = UploadQuery.read(request);
    ProduceStream stream = RequestHandler.valueOf(open.open(query.streamRequest()));
    try (UploadMemory memory = new UploadMemory(body.memory())) {
      Pieces pieces = new Pieces(memory);
      body.readBy(new LineReader(body, query.parser(), stream::check, pieces, memory));
      return new Upload(query.streamRequest().topic(), stream, pieces, body).commit();
    }
  }
}
