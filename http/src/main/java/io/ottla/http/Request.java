package io.ottla.http;

import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One request. Used by its own thread.
 *
 * @param pathParameters what stands in the path where the route has {@code {…}}, decoded
 * @param query its parameters, decoded
 * @param body {@code [0, bodyLengthBytes)} are the body, unless the handler reads that itself
 */
@SuppressWarnings("ArrayRecordComponent")
public record Request(
    List<String> pathParameters,
    Map<String, String> query,
    RequestHeaders headers,
    byte[] body,
    int bodyLengthBytes) {

  /** The path's n-th parameter. */
  public String pathParameter(int n) {
    return pathParameters.get(n);
  }

  /** The {@code Accept} header; empty if there is none. */
  public String accept() {
    return headers.first("Accept").orElse("");
  }

  /** The {@code Last-Event-ID} header; empty if there is none. */
  public String lastEventId() {
    return headers.first("Last-Event-ID").orElse("");
  }

  /** The fields of query and body; {@code known} are the names that may occur. */
  public Fields fields(Set<String> known) throws InvalidJsonException {
    return Fields.read(query, body, bodyLengthBytes, known);
  }

  /** The fields of the query alone. */
  public Fields queryFields(Set<String> known) throws InvalidJsonException {
    return Fields.read(query, body, 0, known);
  }
}
