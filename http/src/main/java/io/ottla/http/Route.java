package io.ottla.http;

import java.util.List;

/**
 * One line of the table: a method and a path, whose segments in braces are parameters.
 *
 * @param produces whether its failures say if events were appended
 */
public record Route(
    String method, List<String> segments, RequestHandler handler, boolean produces) {

  /** A route of {@code path}, such as {@code /topic/{name}}. */
  public static Route of(String method, String path, RequestHandler handler) {
    return new Route(method, List.of(path.substring(1).split("/", -1)), handler, false);
  }

  /** A route that appends events. */
  public static Route producing(String method, String path, RequestHandler handler) {
    return new Route(method, List.of(path.substring(1).split("/", -1)), handler, true);
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
