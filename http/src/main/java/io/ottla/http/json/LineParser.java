package io.ottla.http.json;

import io.ottla.broker.produce.ProduceRequest.Event;

/** Makes an event of each line of an upload. Thread-safe, or used by one thread at a time. */
@FunctionalInterface
public interface LineParser {
  /**
   * The event that {@code bytes[from, to)} holds; it keeps pointing into them.
   *
   * @param from the line's first byte that is not space
   * @param to behind its last one
   */
  Event parse(byte[] bytes, int from, int to) throws InvalidJsonException;
}
