package io.ottla.http.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ottla.broker.consume.StartFrom;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {
  private static final Set<String> KNOWN = Set.of("text", "number", "flag", "from", "list");

  /** A getter of one field. */
  private interface Getter {
    Object get(Fields fields) throws InvalidJsonException;
  }

  @Test
  void readsTheSameFromQueryAndBody() throws InvalidJsonException {
    Fields body = body("{\"text\":\"a\",\"number\":7,\"flag\":false,\"from\":\"latest\"}");
    Fields query = query(Map.of("text", "a", "number", "7", "flag", "false", "from", "latest"));

    for (Fields fields : new Fields[] {body, query}) {
      assertThat(fields.requiredText("text")).isEqualTo("a");
      assertThat(fields.integer("number", 0, 9)).hasValue(7);
      assertThat(fields.number("number")).hasValue(7);
      assertThat(fields.bool("flag")).contains(false);
      assertThat(fields.startFrom("from")).contains(new StartFrom.Latest());
    }
  }

  @Test
  void takesNullForAbsent() throws InvalidJsonException {
    Fields fields =
        body("{\"text\":null,\"number\":null,\"flag\":null,\"from\":null,\"list\":null}");

    assertThat(fields.has("text")).isFalse();
    assertThat(fields.text("text")).isEmpty();
    assertThat(fields.integer("number", 0, 9)).isEmpty();
    assertThat(fields.bool("flag")).isEmpty();
    assertThat(fields.startFrom("from")).isEmpty();
    assertThat(fields.objects("list", KNOWN)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10",
        "-1",
        "7.0",
        "7e0",
        "\"7\"",
        "true",
        "[7]",
        "{}",
        "99999999999999999999999999999999"
      })
  void refusesWhatIsNoWholeNumberInRange(String json) {
    refusal(body("{\"number\":" + json + "}"), "number", fields -> fields.integer("number", 0, 9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "", "-", "7.0", "0x7", "7 ", "seven", "99999999999999999999999999"})
  void refusesTheSameInAQuery(String text) {
    refusal(query(Map.of("number", text)), "number", fields -> fields.integer("number", 0, 9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "1d", "0x1p3", " 1", "1e999", "", "1."})
  void refusesWhatIsNoNumber(String text) {
    refusal(query(Map.of("number", text)), "number", fields -> fields.number("number"));
  }

  @Test
  void refusesWrongTypes() {
    refusal(body("{\"text\":1}"), "text", fields -> fields.text("text"));
    refusal(body("{\"flag\":\"true\"}"), "flag", fields -> fields.bool("flag"));
    refusal(query(Map.of("flag", "yes")), "flag", fields -> fields.bool("flag"));
    refusal(body("{\"list\":{}}"), "list", fields -> fields.objects("list", KNOWN));
    refusal(body("{\"list\":[1]}"), "list", fields -> fields.objects("list", KNOWN));
    refusal(
        body("{\"list\":[{},{\"bad\":1}]}"),
        "list[1].bad",
        fields -> fields.objects("list", KNOWN));
    refusal(
        body("{\"list\":[{\"text\":1}]}"),
        "list[0].text",
        fields -> fields.objects("list", KNOWN).getFirst().text("text"));
    refusal(body("{}"), "text", fields -> fields.requiredText("text"));
  }

  @Test
  void refusesWhatItDoesNotKnowOrGetsTwice() {
    assertField("colour", () -> readBody("{\"colour\":1}"));
    assertField("colour", () -> readBody("{\"colour\":null}"));
    assertField("colour", () -> Fields.read(Map.of("colour", "1"), new byte[0], 0, KNOWN));
    assertField("text", () -> readBody("{\"text\":\"a\",\"text\":\"a\"}"));
    assertField("list[0].text", () -> readBody("{\"list\":[{\"text\":\"a\",\"text\":\"b\"}]}"));
    assertField(
        "text",
        () -> {
          byte[] both = "{\"text\":\"a\"}".getBytes(UTF_8);
          Fields.read(Map.of("text", "a"), both, both.length, KNOWN);
        });
  }

  @Test
  void readsTimes() throws InvalidJsonException {
    assertThat(from("1732000000000")).isEqualTo(new StartFrom.At(1732000000000L));
    assertThat(from("2026-01-01T00:00:00Z")).isEqualTo(new StartFrom.At(1767225600000L));
    assertThat(from("2026-01-01T02:00:00+02:00")).isEqualTo(new StartFrom.At(1767225600000L));
    assertThat(from("2026-01-01T02:00:00 02:00")).isEqualTo(new StartFrom.At(1767225600000L));
    assertThat(from("earliest")).isEqualTo(new StartFrom.Earliest());
    assertThat(body("{\"from\":5}").startFrom("from")).contains(new StartFrom.At(5));
    for (String bad : new String[] {"", "-1", "5.5", "soon", "2026-01-01", "2026-01-01T00:00:00"}) {
      refusal(query(Map.of("from", bad)), "from", fields -> fields.startFrom("from"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "null", "{", "{}{}", "\"a\"", "{\"text\":}", "\u00ff"})
  void refusesABodyThatIsNoObject(String json) {
    byte[] bytes = json.getBytes(ISO_8859_1);

    InvalidJsonException e =
        catchThrowableOfType(
            InvalidJsonException.class, () -> Fields.read(Map.of(), bytes, bytes.length, KNOWN));

    assertThat(e.refusal().detail())
        .containsAnyOf("The body", "Nothing may follow")
        .doesNotContain("Exception");
  }

  @Test
  void refusesADeepBody() {
    String deep = "{\"list\":" + "[".repeat(100_000);

    InvalidJsonException e = catchThrowableOfType(InvalidJsonException.class, () -> readBody(deep));

    assertThat(e.refusal().detail()).contains("deeper");
  }

  private static StartFrom from(String text) throws InvalidJsonException {
    return query(Map.of("from", text)).startFrom("from").orElseThrow();
  }

  private static void refusal(Fields fields, String field, Getter getter) {
    assertField(field, () -> getter.get(fields));
  }

  private static void assertField(String field, ThrowingCallable call) {
    InvalidJsonException e = catchThrowableOfType(InvalidJsonException.class, call);
    assertThat(e).as(field).isNotNull();
    assertThat(e.refusal().attributes()).containsEntry("field", field);
  }

  private static Fields body(String json) {
    try {
      return readBody(json);
    } catch (InvalidJsonException e) {
      throw new AssertionError(e);
    }
  }

  private static Fields readBody(String json) throws InvalidJsonException {
    byte[] bytes = json.getBytes(UTF_8);
    return Fields.read(Map.of(), bytes, bytes.length, KNOWN);
  }

  private static Fields query(Map<String, String> parameters) {
    try {
      return Fields.read(parameters, new byte[0], 0, KNOWN);
    } catch (InvalidJsonException e) {
      throw new AssertionError(e);
    }
  }
}
