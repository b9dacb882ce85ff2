package io.ottla.http.consumer;

import io.ottla.http.Request;
import io.ottla.http.json.InvalidJsonException;

/** The consumer that a path names. */
final class ConsumerId {
  private static final int MAX_DIGITS = 18;

  private ConsumerId() {}

  static long of(Request request) throws InvalidJsonException {
    String text = request.pathParameter(0);
    boolean number =
        !text.isEmpty()
            && text.length() <= MAX_DIGITS
            && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!number) {
      throw InvalidJsonException.field("id", "A consumer's \"id\" is a number from 1.");
    }
    return Long.parseLong(text);
  }
}
