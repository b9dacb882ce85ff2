package io.ottla.http;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.http.json.InvalidJsonException;

/** Answers the requests of one route: reads, calls one use case, writes. Thread-safe. */
@FunctionalInterface
public interface RequestHandler {
  /** Answers one request. */
  Reply handle(Request request) throws InvalidJsonException, ProblemException, InterruptedException;

  /** The value of a use case's answer; its refusal becomes the answer to the request. */
  static <T> T valueOf(Answer<T> answer) throws ProblemException {
    return switch (answer) {
      case Answer.Ok<T>(T value) -> value;
      case Answer.Refused<T>(Refusal refusal) -> throw new ProblemException(Problem.of(refusal));
    };
  }
}
