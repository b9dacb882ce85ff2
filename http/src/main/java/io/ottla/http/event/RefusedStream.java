package io.ottla.http.event;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.consume.EventStream;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * A stream that could not be opened for a reason that passes. A browser's {@code EventSource} gives
 * up for good when the answer is an error, but comes back when a stream ends: so this one tells why
 * and ends. Immutable.
 */
record RefusedStream(Refusal refusal) implements EventStream {
  @Override
  public OptionalLong consumerId() {
    return OptionalLong.empty();
  }

  @Override
  public Answer<Part> next(Duration maxWait) {
    return Answer.refused(refusal);
  }

  @Override
  public void end() {}

  @Override
  public void close() {}
}
