package io.ottla.http.event;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.consume.EventStream;
import io.ottla.broker.consume.EventStream.Part;
import io.ottla.http.Problem;
import io.ottla.http.StreamBody;
import io.ottla.http.StreamOutput;
import java.io.IOException;
import java.time.Duration;

/** A stream of events as the body of an answer. */
final class StreamedEvents implements StreamBody {
  /** A client hears something at least so often. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);

  private final EventStream events;
  private final StreamForm form;
  private volatile boolean ended;

  StreamedEvents(EventStream events, StreamForm form) {
    this.events = events;
    this.form = form;
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException, InterruptedException {
    // The first part comes at once, if only to say where the stream begins.
    Duration wait = Duration.ZERO;
    while (!ended) {
      out.awaitRoom();
      gatherNext(out, wait);
      // Nothing is held any more but what was gathered.
      out.flush();
      wait = LONGEST_SILENCE;
    }
  }

  private void gatherNext(StreamOutput out, Duration wait) throws InterruptedException {
    switch (events.next(wait)) {
      case Answer.Ok<Part>(Part part) -> form.write(part, out);
      case Answer.Refused<Part>(Refusal refusal) -> {
        form.write(Problem.of(refusal), out);
        ended = true;
      }
    }
  }

  @Override
  public void end() {
    ended = true;
    events.end();
  }

  @Override
  public void close() {
    events.close();
  }
}
