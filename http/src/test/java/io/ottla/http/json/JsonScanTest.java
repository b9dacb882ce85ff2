package io.ottla.http.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.http.json.JsonScan.Finding;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/** The scan against Jackson's parser, on what is JSON, what nearly is, and what is not at all. */
class JsonScanTest {
  private static final int TEXTS = 3_000;
  private static final String PARTS =
      "{}[]\",:.-+eE0123456789 \t\r\n\\/ubfnrtruefalsnl\u0001\u007fé€";

  static LongStream seeds() {
    Long fixed = Long.getLong("json.seed");
    return fixed != null
        ? LongStream.of(fixed)
        : LongStream.concat(LongStream.of(1, 2), new Random().longs(2));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void judgesAsTheParserDoes(long seed) {
    Random random = new Random(seed);
    int values = 0;
    for (int i = 0; i < TEXTS; i++) {
      StringBuilder text = new StringBuilder(RandomJson.value(random, 0));
      for (int change = random.nextInt(4); change > 0; change--) {
        change(text, random);
      }
      byte[] bytes = text.toString().getBytes(UTF_8);
      boolean expected = parses(bytes);
      assertThat(isValue(bytes, bytes.length)).as("seed %d: %s", seed, text).isEqualTo(expected);
      values += expected ? 1 : 0;
    }
    assertThat(values).isBetween(TEXTS / 10, TEXTS * 9 / 10);
  }

  private static void change(StringBuilder text, Random random) {
    int at = random.nextInt(text.length() + 1);
    char other = PARTS.charAt(random.nextInt(PARTS.length()));
    if (random.nextBoolean() || at == text.length()) {
      text.insert(at, other);
    } else if (random.nextBoolean()) {
      text.setCharAt(at, other);
    } else if (text.length() > 1) {
      text.deleteCharAt(at);
    }
  }

  private static boolean parses(byte[] bytes) {
    try (JsonParser parser = Json.parser(bytes, 0, bytes.length)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException | IllegalStateException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {499, 500, 501, 600})
  void isAsDeepAsTheParser(int depth) {
    for (String text :
        new String[] {
          "[".repeat(depth) + "]".repeat(depth), "{\"a\":".repeat(depth) + "1" + "}".repeat(depth)
        }) {
      byte[] bytes = text.getBytes(UTF_8);

      assertThat(isValue(bytes, bytes.length)).isEqualTo(parses(bytes)).isEqualTo(depth <= 500);
    }
  }

  @Test
  void neverLooksBeyondTheEnd() {
    byte[] bytes = "{\"a\":[1,\"\\u00e9\",true,null,{\"b\":-1.5e+3}]}".getBytes(UTF_8);
    for (int to = 0; to < bytes.length; to++) {
      assertThat(isValue(bytes, to)).as("cut at %d", to).isFalse();
    }
    assertThat(isValue(bytes, bytes.length)).isTrue();
  }

  @Test
  void tellsLineBreaksBetweenTokens() {
    assertThat(scan("{\"a\":\n1}")).isEqualTo(Finding.LINES);
    assertThat(scan("[1,2\r]")).isEqualTo(Finding.LINES);
    assertThat(scan("{\"a\": \"\\n\\r\", \"b\":[ ]}")).isEqualTo(Finding.ONE_LINE);
  }

  @Test
  void isStrictAboutUtf8() {
    byte[] bytes = "[\"eight bytes and é\"]".getBytes(UTF_8);
    assertThat(isValue(bytes, bytes.length)).isTrue();
    for (int i = 2; i < bytes.length - 2; i++) {
      byte[] garbled = bytes.clone();
      garbled[i] = (byte) 0xff;
      assertThat(isValue(garbled, garbled.length)).as("byte %d", i).isFalse();
    }
  }

  private static Finding scan(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return JsonScan.scan(bytes, 0, bytes.length);
  }

  private static boolean isValue(byte[] bytes, int to) {
    return JsonScan.scan(bytes, 0, to) != Finding.NOT_JSON;
  }
}
