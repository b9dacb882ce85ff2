package io.ottla.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The events that a load consists of, in an endless round. One owner at a time.
 *
 * <p>They are either the lines of a file or made of random letters, which hardly compress.
 */
final class EventSource {
  private static final int GENERATED = 4_096;
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  private final List<String> values;
  private final List<String> keys;
  private final boolean keyed;
  private int next;

  private EventSource(List<String> values, List<String> keys, boolean keyed) {
    this.values = values;
    this.keys = keys;
    this.keyed = keyed;
  }

  /** The lines of an NDJSON file; a line's key is its field of the name given. */
  static EventSource fromFile(Path file, String keyField, boolean keyed) throws IOException {
    JsonMapper mapper = new JsonMapper();
    List<String> lines = Files.readAllLines(file);
    List<String> keys =
        lines.stream()
            .map(line -> mapper.readTree(line).path(keyField))
            .map(JsonNode::asString)
            .toList();
    return new EventSource(lines, keys, keyed);
  }

  /** Values of a fixed size: a JSON string of random letters, the quotes counted. */
  static EventSource random(int valueBytes, long seed, boolean keyed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> values =
        Stream.generate(() -> '"' + letters(random, Math.max(0, valueBytes - 2)) + '"')
            .limit(GENERATED)
            .toList();
    List<String> keys = Stream.generate(() -> letters(random, 8)).limit(GENERATED).toList();
    return new EventSource(values, keys, keyed);
  }

  private static String letters(SplittableRandom random, int count) {
    StringBuilder letters = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return letters.toString();
  }

  /** The mean size of a value in UTF-8. */
  double meanValueBytes() {
    return values.stream()
        .mapToInt(value -> value.getBytes(StandardCharsets.UTF_8).length)
        .average()
        .orElseThrow();
  }

  /** Appends the next event's fields, without the braces around them. */
  void appendFields(StringBuilder json) {
    if (keyed) {
      json.append("\"key\":\"").append(keys.get(next)).append("\",");
    }
    json.append("\"value\":").append(values.get(next));
    next = (next + 1) % values.size();
  }
}
