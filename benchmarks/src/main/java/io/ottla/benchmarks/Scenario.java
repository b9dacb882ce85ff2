package io.ottla.benchmarks;

import java.util.List;

/**
 * One kind of load: so many connections, each with one request in flight, each request with so many
 * events. Immutable.
 */
record Scenario(String name, int connections, int eventsPerRequest) {
  /** The ones that the project's goals are stated in. */
  static final List<Scenario> ALL =
      List.of(
          new Scenario("single-16", 16, 1),
          new Scenario("single-64", 64, 1),
          new Scenario("single-256", 256, 1),
          new Scenario("batch-500", 8, 500));

  Scenario {
    if (connections < 1 || eventsPerRequest < 1) {
      throw new IllegalArgumentException(
          "a scenario needs at least one connection and one event per request");
    }
  }

  /** One by its name, or one of the form {@code <connections>x<events per request>}. */
  static Scenario parse(String text) {
    for (Scenario scenario : ALL) {
      if (scenario.name.equals(text)) {
        return scenario;
      }
    }
    int x = text.indexOf('x');
    if (x <= 0 || x == text.length() - 1) {
      throw new IllegalArgumentException(
          "no scenario \"" + text + "\": name one, or write CONNECTIONSxEVENTS, such as 32x100");
    }
    return new Scenario(
        text, Integer.parseInt(text.substring(0, x)), Integer.parseInt(text.substring(x + 1)));
  }
}
