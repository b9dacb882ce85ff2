package io.ottla.client;

import java.net.http.HttpHeaders;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * What the server answered.
 *
 * @param body is not copied
 */
@SuppressWarnings("ArrayRecordComponent")
record Response(int status, HttpHeaders headers, byte[] body) {
  /** This answer, if its status is below 300; else what it says. */
  Response orThrow() {
    if (status < 300) {
      return this;
    }
    throw failure();
  }

  /** What a failed request's answer says. */
  OttlaException failure() {
    Map<String, Object> problem;
    try {
      problem = json();
    } catch (OttlaException notJson) {
      problem = Map.of();
    }
    return OttlaException.of(status, problem);
  }

  /** The body as an object's members; empty if there is no body. */
  @SuppressWarnings("unchecked")
  Map<String, Object> json() {
    if (body.length == 0) {
      return Map.of();
    }
    try {
      if (Json.read(body) instanceof Map<?, ?> members) {
        return (Map<String, Object>) members;
      }
    } catch (JacksonException e) {
      throw OttlaException.noAnswer("bad_answer", "The answer is not valid JSON.", e);
    }
    throw OttlaException.noAnswer("bad_answer", "The answer is not a JSON object.", null);
  }
}
