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

  /**
   * The first byte of {@code bytes[from, to)} that is not space; {@code to} if the line is blank.
   *
   * @param first whether it is a body's first line, which may begin with a byte order mark
   */
  static int begin(byte[] bytes, int from, int to, boolean first) {
    int marked = first ? from + Json.afterByteOrderMark(bytes, from, to) : from;
    return Json.afterSpace(bytes, marked, to);
  }

  /** Behind the last byte of {@code bytes[from, to)} that is not space. */
  static int end(byte[] bytes, int from, int to) {
    return Json.beforeSpace(bytes, from, to);
  }
}
