package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTextTest {
  private static final String SEED =
      "{\"a\":[1,-2.5e+3,true,false,null,\"x\\n\\u00e9\\\"\",{}],\"b\":{\"c\":[]}}";

  @Test
  void oneValueIsRecognized() {
    List<String> values =
        List.of(
            "1",
            "-0",
            "0.5",
            "1e9",
            "true",
            "false",
            "\"\"",
            "\"é😀\"",
            "[]",
            "{}",
            "[ 1 , 2 ]",
            "{ \"a\" : null }",
            "[null]",
            "\"\\ud800\"",
            SEED);

    assertThat(values).allMatch(JsonTextTest::isOneValue);
  }

  @Test
  void whatIsNotExactlyOneValueIsNot() {
    List<String> texts =
        List.of(
            "",
            " 1",
            "1 ",
            "\n{}",
            "{}\n",
            "null",
            "nul",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "1 2",
            "{",
            "}",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "\"",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "NaN",
            "Infinity",
            "tru",
            "truefalse",
            "[1}",
            "'a'",
            "hello");

    assertThat(texts).noneMatch(JsonTextTest::isOneValue);
  }

  @Test
  void bytesThatAreNotUtf8AreNotJson() {
    assertThat(JsonText.isOneValue(new byte[] {'"', (byte) 0xff, '"'})).isFalse();
    assertThat(JsonText.isOneValue(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'})).isFalse();
    assertThat(JsonText.isOneValue(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}))
        .isFalse();
  }

  @Test
  void whatAServerMightNotTakeTravelsAsBytes() {
    assertThat(isOneValue("[".repeat(64) + "]".repeat(64))).isTrue();
    assertThat(isOneValue("[".repeat(65) + "]".repeat(65))).isFalse();
    assertThat(isOneValue("9".repeat(501))).isFalse();
    assertThat(isOneValue("{\"\\ud800\":1}")).isFalse();
  }

  private static boolean isOneValue(String text) {
    return JsonText.isOneValue(text.getBytes(StandardCharsets.UTF_8));
  }
}
