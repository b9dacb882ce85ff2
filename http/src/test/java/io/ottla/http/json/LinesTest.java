package io.ottla.http.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ottla.broker.produce.ProduceRequest.Event;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Lines as events and as values, against Jackson. */
class LinesTest {
  private static final int LINES = 4_000;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String PARTS = "{}[]\",:.-+e019 \t\\/ubnrtlsf\u0001\u007fé€";

  static LongStream seeds() {
    Long fixed = Long.getLong("json.seed");
    return fixed != null
        ? LongStream.of(fixed)
        : LongStream.concat(LongStream.of(1, 2), new Random().longs(2));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theScanReadsAnEventAsTheParserDoes(long seed) {
    Random random = new Random(seed);
    int simple = 0;
    int invalid = 0;
    for (int i = 0; i < LINES; i++) {
      byte[] line = surrounded(random, changed(random, event(random)));
      int from = Json.afterSpace(line, 3, line.length - 3);
      int to = Json.beforeSpace(line, from, line.length - 3);
      Event scanned = EventLine.parseSimple(line, from, to);
      Event parsed = parsedOrNull(line, from, to);

      if (scanned != null) {
        assertThat(scanned).as("seed %d: %s", seed, new String(line, UTF_8)).isEqualTo(parsed);
        simple++;
      }
      invalid += parsed == null ? 1 : 0;
    }
    assertThat(simple).isGreaterThan(LINES / 10);
    assertThat(invalid).isBetween(LINES / 20, LINES * 9 / 10);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void takesAValueLineIfTheParserDoes(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < LINES; i++) {
      String text = changed(random, RandomJson.value(random, 0).replaceAll("[\r\n]", " "));
      byte[] line = surrounded(random, text);
      int from = Json.afterSpace(line, 3, line.length - 3);
      int to = Json.beforeSpace(line, from, line.length - 3);
      boolean valid = isJson(line, from, to);
      if (from < to) {
        assertThat(isValueLine(line, from, to)).as("seed %d: %s", seed, text).isEqualTo(valid);
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void findsWhatATreeFindsAtAPointer(long seed) throws InvalidJsonException {
    Random random = new Random(seed);
    int found = 0;
    for (int i = 0; i < LINES; i++) {
      String text = RandomJson.value(random, 0);
      JsonNode tree = MAPPER.readTree(text);
      String pointer = somewhere(random, tree);
      JsonNode expected = tree.at(pointer);
      byte[] line = text.getBytes(UTF_8);
      JsonPointer read = JsonPointer.parse("key", pointer);

      if (expected.isString()) {
        assertThat(text(read.textIn(line, 0, line.length)))
            .as("seed %d: %s in %s", seed, pointer, text)
            .isEqualTo(expected.asString());
        found++;
      } else if (!expected.isNumber()) {
        assertThat(catchInvalid(read, text)).as("%s in %s", pointer, text).isNotNull();
      }
    }
    assertThat(found).isGreaterThan(LINES / 20);
  }

  private static String somewhere(Random random, JsonNode tree) {
    StringBuilder pointer = new StringBuilder();
    JsonNode node = tree;
    while (node.isContainer() && !node.isEmpty() && random.nextInt(8) > 0) {
      if (node.isArray()) {
        int index = random.nextInt(node.size() + 1);
        pointer.append('/').append(index);
        node = node.path(index);
      } else {
        List<String> names = new ArrayList<>(node.propertyNames());
        String name = names.get(random.nextInt(names.size()));
        pointer.append('/').append(name.replace("~", "~0").replace("/", "~1"));
        node = node.get(name);
      }
    }
    return pointer.append(random.nextInt(10) == 0 ? "/x" : "").toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "/a        | {\"a\":\"x\"}                       | x",
        "/a        | { \"b\" : [\"}\"] , \"a\" : 17 }    | 17",
        "/a        | {\"a\":-0.50e+3}                    | -0.50e+3",
        "/a        | {\"b\":{\"a\":1},\"a\":2}           | 2",
        "/a        | {\"a\":1,\"a\":2}                   | 1",
        "/a/1/b    | {\"a\":[0,{\"b\":\"\\u00e9\\n\"}]}  | 'é\n'",
        "/a~1b/~0  | {\"a/b\":{\"~\":\"y\"}}             | y",
        "/\\n      | {\"\\n\":1,\"\\\\n\":2}             | 2",
        "/é        | {\"\\u00e9\":1}                     | 1",
        "/         | {\"\":1}                            | 1",
        "/0        | {\"0\":1}                           | 1",
        "''        | 12                                  | 12"
      })
  void takesTheKeyOutOfAValue(String pointer, String line, String key) throws InvalidJsonException {
    byte[] bytes = line.getBytes(UTF_8);

    Event event = new ValueLine(JsonPointer.parse("key", pointer), 4).parse(bytes, 0, bytes.length);

    assertThat(text(event.key())).isEqualTo(key);
    assertThat(text(event.value())).isEqualTo(line);
    assertThat(event.partition()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/a   | {}",
        "/a   | {\"b\":1}",
        "/a   | {\"a\":null}",
        "/a   | {\"a\":true}",
        "/a   | {\"a\":{}}",
        "/a   | {\"a\":[]}",
        "/a/b | {\"a\":1}",
        "/a/- | {\"a\":[1]}",
        "/a/1 | {\"a\":[1]}",
        "/a/00| {\"a\":[1]}",
        "/a   | [1]",
        "/a   | null",
        "/a   | {\"a\":\"\\ud800\"}"
      })
  void refusesALineWithoutItsKey(String pointer, String line) throws InvalidJsonException {
    InvalidJsonException refused = catchInvalid(JsonPointer.parse("key", pointer), line);

    assertThat(refused.refusal().attributes()).containsEntry("field", "key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b", "/~", "/~2", "/a~", "#/a"})
  void refusesWhatIsNoPointer(String pointer) {
    InvalidJsonException refused =
        catchThrowableOfType(InvalidJsonException.class, () -> JsonPointer.parse("key", pointer));

    assertThat(refused.refusal().attributes()).containsEntry("field", "key");
  }

  @Test
  void aNullIsATombstone() throws InvalidJsonException {
    byte[] line = "null{\"key\":\"k\",\"value\":null}".getBytes(UTF_8);

    Event value = new ValueLine(null, null).parse(line, 0, 4);
    Event event = new EventLine().parse(line, 4, line.length);

    assertThat(value.value()).isNull();
    assertThat(event.value()).isNull();
    assertThat(text(event.key())).isEqualTo("k");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"key\":1}                     | \"key\" must be a string",
        "{\"value\":1,\"value\":2}       | \"value\" is given twice",
        "{\"topic\":\"t\"}               | Unknown field \"topic\"",
        "{\"sequence\":1}                | one sequence per request",
        "[]                              | Every line must be a JSON object",
        "{\"value\":1                    | The line is not valid JSON",
        "{\"value\":}                    | The line is not valid JSON at byte",
        "{} {}                           | Nothing may follow"
      })
  void saysWhatIsWrongWithALine(String line, String detail) {
    byte[] bytes = line.getBytes(UTF_8);

    InvalidJsonException refused =
        catchThrowableOfType(
            InvalidJsonException.class, () -> new EventLine().parse(bytes, 0, bytes.length));

    assertThat(refused.refusal().detail()).contains(detail);
  }

  @Test
  void refusesTheSameDepthsInBothWays() {
    for (int depth : new int[] {Json.MAX_DEPTH - 1, Json.MAX_DEPTH}) {
      String value = "[".repeat(depth) + "]".repeat(depth);
      byte[] line = ("{\"value\":" + value + "}").getBytes(UTF_8);

      assertThat(EventLine.parseSimple(line, 0, line.length) != null)
          .isEqualTo(parsedOrNull(line, 0, line.length) != null)
          .isEqualTo(depth < Json.MAX_DEPTH);
    }
  }

  private static InvalidJsonException catchInvalid(JsonPointer pointer, String text) {
    byte[] line = text.getBytes(UTF_8);
    return catchThrowableOfType(
        InvalidJsonException.class, () -> pointer.textIn(line, 0, line.length));
  }

  private static String event(Random random) {
    String value = RandomJson.value(random, 0).replaceAll("[\r\n]", " ");
    String key = RandomJson.value(random, 5).replaceAll("[\r\n]", " ");
    return switch (random.nextInt(8)) {
      case 0 -> "{\"value\":" + value + "}";
      case 1 -> "{\"value\":" + value + ",\"key\":" + key + "}";
      case 2 -> "{ \"key\":" + key + ", \"value\" :" + value + " }";
      case 3 -> "{\"key\":\"k" + random.nextInt() + "é\",\"value\": " + value + " }";
      case 4 -> "{\"key\":" + key + ",\"value\":" + value + ",\"partition\":1}";
      case 5 -> "{\"value\":" + value + ",\"key\":\"é" + random.nextInt() + "\"}";
      case 6 -> "{\"value\":{\"a\":1,\"key\":\"k\"},\"key\":\"k\"}";
      default -> "{\"key\":\"u" + random.nextInt() + "\",\"value\":" + value + "}";
    };
  }

  private static String changed(Random random, String text) {
    StringBuilder changed = new StringBuilder(text);
    for (int change = random.nextInt(8) - 5; change > 0; change--) {
      int at = random.nextInt(changed.length());
      char other = PARTS.charAt(random.nextInt(PARTS.length()));
      switch (random.nextInt(3)) {
        case 0 -> changed.setCharAt(at, other);
        case 1 -> changed.insert(at, other);
        default -> changed.deleteCharAt(at).append(' ');
      }
    }
    return changed.toString();
  }

  /** Other text around it, which must not be looked at; sometimes a byte of it is broken. */
  private static byte[] surrounded(Random random, String text) {
    byte[] bytes = ("\"1}" + text + "}\"1").getBytes(UTF_8);
    if (random.nextInt(20) == 0) {
      bytes[3 + random.nextInt(bytes.length - 6)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private static Event parsedOrNull(byte[] line, int from, int to) {
    try {
      return EventLine.parseAny(line, from, to);
    } catch (InvalidJsonException e) {
      return null;
    }
  }

  private static boolean isValueLine(byte[] line, int from, int to) {
    try {
      return new ValueLine(null, null).parse(line, from, to) != null;
    } catch (InvalidJsonException e) {
      return false;
    }
  }

  private static boolean isJson(byte[] bytes, int from, int to) {
    if (!Utf8.isValid(bytes, from, to)) {
      return false;
    }
    try (JsonParser parser = Json.parser(bytes, from, to)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      parser.finishToken();
      return parser.nextToken() == null;
    } catch (JacksonException | IllegalStateException e) {
      return false;
    }
  }

  private static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes.duplicate()).toString();
  }
}
