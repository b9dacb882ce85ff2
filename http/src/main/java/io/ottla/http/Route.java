package io.ottla.http;

import java.util.List;
import java.util.Map;

/**
 * One line of the table: a method and a path, whose segments in braces are parameters, and who
 * answers, by what the body is.
 */
public record Route(String method, List<String> segments, Map<Media, Handling> handlings) {
  /** Who answers, and who reads the body. */
  public sealed interface Handling {
    /** The body is read whole before it is handled. */
    record OfWhole(RequestHandler handler) implements Handling {}

    /** The handler reads the body. */
    record OfArriving(ArrivingHandler handler) implements Handling {}
  }

  /** A route of {@code path}, such as {@code /topic/{name}}, whose bodies are JSON. */
  public static Route of(String method, String path, RequestHandler handler) {
    return of(method, path, Map.of(Media.JSON, new Handling.OfWhole(handler)));
  }

  /** A route of {@code path} that takes several types of bodies. */
  public static Route of(String method, String path, Map<Media, Handling> handlings) {
    return new Route(method, List.of(path.substring(1).split("/", -1)), Map.copyOf(handlings));
  }

  /** Whether a path of these segments is this route's. */
  boolean matches(List<String> path) {
    if (path.size() != segments.size()) {
      return false;
    }
    for (int i = 0; i < path.size(); i++) {
      if (!isParameter(i) && !segments.get(i).equals(path.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the n-th segment is a parameter. */
  boolean isParameter(int n) {
    return segments.get(n).startsWith("{");
  }
}
