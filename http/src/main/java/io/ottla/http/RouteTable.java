package io.ottla.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** All routes, to be searched by method and path. Immutable. */
public final class RouteTable {
  private final List<Route> routes;

  /** Routes without parameters, by method and path: these are the busy ones. */
  private final Map<String, Map<String, Route>> fixed = new HashMap<>();

  /** What a search found. */
  sealed interface Match {
    /** The route, and what stands in the path where it has parameters. */
    record Found(Route route, List<String> parameters) implements Match {}

    /** The path is known, with other methods. */
    record OtherMethods(List<String> allow) implements Match {}

    /** No route has this path. */
    record Nothing() implements Match {}
  }

  /** A table of these routes; the first that matches is taken. */
  public RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
    for (Route route : routes) {
      boolean hasParameters = route.segments().stream().anyMatch(s -> s.startsWith("{"));
      if (!hasParameters) {
        fixed
            .computeIfAbsent(route.method(), method -> new HashMap<>())
            .put("/" + String.join("/", route.segments()), route);
      }
    }
  }

  /** Searches for a path as it came in, still percent-encoded. */
  Match find(String method, String rawPath) throws ProblemException {
    Map<String, Route> ofMethod = fixed.get(method);
    Route route = ofMethod == null ? null : ofMethod.get(rawPath);
    if (route != null) {
      return new Match.Found(route, List.of());
    }
    return search(method, segmentsOf(rawPath));
  }

  private Match search(String method, List<String> path) {
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      if (route.matches(path)) {
        if (route.method().equals(method)) {
          return new Match.Found(route, parameters(route, path));
        }
        allowed.add(route.method());
      }
    }
    return allowed.isEmpty() ? new Match.Nothing() : new Match.OtherMethods(List.copyOf(allowed));
  }

  private static List<String> parameters(Route route, List<String> path) {
    List<String> parameters = new ArrayList<>();
    for (int i = 0; i < path.size(); i++) {
      if (route.isParameter(i)) {
        parameters.add(path.get(i));
      }
    }
    return parameters;
  }

  private static List<String> segmentsOf(String rawPath) throws ProblemException {
    List<String> segments = new ArrayList<>();
    if (rawPath.startsWith("/")) {
      for (String segment : rawPath.substring(1).split("/", -1)) {
        String decoded = PercentEncoding.decode(segment, false);
        if (decoded == null) {
          throw new ProblemException(
              Problem.of(400, "bad_request", "The path is not valid percent-encoded UTF-8."));
        }
        segments.add(decoded);
      }
    }
    return segments;
  }
}
