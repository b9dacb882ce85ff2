package io.ottla.http;

import io.ottla.http.json.InvalidJsonException;

/** Answers the requests of one route and reads their bodies itself, as they arrive. Thread-safe. */
@FunctionalInterface
public interface ArrivingHandler {
  /** Answers one request, whose own body is empty. */
  Reply handle(Request request, ArrivingBody body)
      throws InvalidJsonException, ProblemException, InterruptedException;
}
