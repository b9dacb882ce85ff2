package io.ottla.http.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Random;

/**
 * Measures how fast lines become events, without network or log: {@code main} prints lines per
 * second of one thread for each form. Run by hand.
 */
final class LineSpeed {
  private static final int LINES = 10_000;
  private static final int ROUNDS = 400;

  private LineSpeed() {}

  public static void main(String[] args) throws InvalidJsonException {
    String[] values = new String[LINES];
    String[] events = new String[LINES];
    String[] keysLast = new String[LINES];
    Random random = new Random(1);
    for (int i = 0; i < LINES; i++) {
      String value =
          "{\"user\":\"u%06d\",\"post\":%d,\"at\":\"2026-01-%02dT10:00:00Z\",\"score\":%d.%d,\"tags\":[\"a\",\"b\"]}"
              .formatted(
                  random.nextInt(1_000_000),
                  random.nextInt(100_000),
                  1 + random.nextInt(28),
                  random.nextInt(100),
                  random.nextInt(100));
      values[i] = value;
      events[i] = "{\"key\":\"u%06d\",\"value\":%s}".formatted(random.nextInt(1_000_000), value);
      keysLast[i] = "{\"value\":%s,\"key\":\"u%06d\"}".formatted(value, random.nextInt(1_000_000));
    }
    for (int pass = 0; pass < 2; pass++) {
      measure("values", new ValueLine(null, null), values);
      measure("values, key=/user", new ValueLine(JsonPointer.parse("key", "/user"), null), values);
      measure(
          "values, key=/score", new ValueLine(JsonPointer.parse("key", "/score"), null), values);
      measure("events", new EventLine(), events);
      measure("events, by the parser", EventLine::parseAny, events);
      measure("events, key last", new EventLine(), keysLast);
    }
  }

  private static void measure(String name, LineParser parser, String[] lines)
      throws InvalidJsonException {
    byte[] bytes = String.join("\n", lines).concat("\n").getBytes(UTF_8);
    long keys = 0;
    long begun = System.nanoTime();
    for (int round = 0; round < ROUNDS; round++) {
      int from = 0;
      while (from < bytes.length) {
        int to = from;
        while (bytes[to] != '\n') {
          to++;
        }
        keys += parser.parse(bytes, from, to).value().remaining();
        from = to + 1;
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        "%-24s %,12.0f lines/s  %,6.0f MB/s  %.3f us/line  (%d bytes each, %d)%n",
        name,
        LINES * ROUNDS / seconds,
        (double) bytes.length * ROUNDS / seconds / 1e6,
        seconds * 1e6 / LINES / ROUNDS,
        bytes.length / LINES,
        keys % 10);
  }
}
