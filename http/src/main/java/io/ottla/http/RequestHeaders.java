package io.ottla.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.WritableHeaders;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The headers of a request. What is not ASCII in a value has been replaced by U+FFFD. Used by the
 * request's thread.
 */
public final class RequestHeaders {
  private final Headers headers;

  /** A header as it was sent, one of perhaps several of that name. */
  public record Sent(String name, String value) {}

  RequestHeaders(Headers headers) {
    this.headers = headers;
  }

  /** These headers. */
  public static RequestHeaders of(Map<String, String> values) {
    WritableHeaders<?> headers = WritableHeaders.create();
    values.forEach((name, value) -> headers.add(HeaderNames.create(name), value));
    return new RequestHeaders(headers);
  }

  /** The value; the first one if there are several. */
  public Optional<String> first(String name) {
    HeaderName known = HeaderNames.create(name);
    return headers.contains(known) ? Optional.of(headers.get(known).get()) : Optional.empty();
  }

  /** Whether there are several of that name. */
  public boolean isRepeated(String name) {
    HeaderName known = HeaderNames.create(name);
    return headers.contains(known) && headers.get(known).valueCount() > 1;
  }

  /**
   * Those whose names begin so, in whatever case: by name, and those of one name in the order in
   * which they were sent.
   */
  public List<Sent> beginningWith(String prefix) {
    String lowerCase = prefix.toLowerCase(Locale.ROOT);
    List<Sent> found = new ArrayList<>();
    headers.stream()
        .filter(header -> header.headerName().lowerCase().startsWith(lowerCase))
        .sorted(Comparator.comparing(header -> header.headerName().lowerCase()))
        .forEach(
            header ->
                header
                    .allValues()
                    .forEach(
                        value -> found.add(new Sent(header.headerName().defaultCase(), value))));
    return found;
  }
}
