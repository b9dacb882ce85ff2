package io.ottla.demo;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * One line of the example data. Immutable.
 *
 * @param number its place in the file, from 0
 * @param key the network of seismometers that reported it
 */
record Earthquake(int number, String key, JsonNode value) {
  static List<Earthquake> read(Path file) throws IOException {
    List<Earthquake> earthquakes = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode value = Api.parse(line);
      earthquakes.add(new Earthquake(earthquakes.size(), value.required("net").asString(), value));
    }
    return List.copyOf(earthquakes);
  }
}
