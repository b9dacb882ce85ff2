package io.ottla.http.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProducerSequence;
import io.ottla.http.json.ProduceBody.Beside;
import io.ottla.http.json.ProduceBody.Results;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProduceBodyTest {
  @Test
  void readsASingleEvent() throws InvalidJsonException {
    ProduceBody.Parsed parsed =
        read("{\"topic\":\"liked\",\"key\":\"u42\",\"value\":{\"post\":99}}");

    assertThat(parsed.results()).isEqualTo(Results.SINGLE);
    assertThat(parsed.request().topic()).isEqualTo("liked");
    assertThat(parsed.request().cluster()).isEmpty();
    assertThat(parsed.request().timeout()).isEqualTo(Duration.ofSeconds(10));
    Event event = parsed.request().events().getFirst();
    assertThat(text(event.key())).isEqualTo("u42");
    assertThat(text(event.value())).isEqualTo("{\"post\":99}");
    assertThat(event.headers()).isEmpty();
    assertThat(event.partition()).isNull();
    assertThat(event.timestampMs()).isEqualTo(Event.NO_TIMESTAMP);
  }

  @Test
  void readsEveryFieldOfABatch() throws InvalidJsonException {
    ProduceBody.Parsed parsed =
        read(
            """
            {"events":[
               {"key":"a","value":1,"partition":2,"timestamp":1732,"headers":{"h":"x","i":"ü"}},
               {"key_base64":"/w==","value_base64":"AAE=","header_list":
                  [{"name":"h","value":"1"},{"name":"h","value_base64":"/w=="},{"name":"n","value":null}]},
               {}, {"value":null,"key":null,"headers":null,"partition":null,"timestamp":null}],
             "timeout_ms":1, "cluster":"c", "topic":"t"}
            """);

    assertThat(parsed.results()).isEqualTo(Results.EVENTS);
    assertThat(parsed.request().cluster()).contains("c");
    assertThat(parsed.request().timeout()).isEqualTo(Duration.ofMillis(1));
    assertThat(parsed.request().events()).hasSize(4);
    Event first = parsed.request().events().get(0);
    assertThat(first.partition()).isEqualTo(2);
    assertThat(first.timestampMs()).isEqualTo(1732);
    assertThat(first.headers().get(1).value()).isEqualTo("ü".getBytes(UTF_8));
    Event second = parsed.request().events().get(1);
    assertThat(text(second.key())).isEqualTo("\u00ff");
    assertThat(text(second.value())).isEqualTo("\u0000\u0001");
    assertThat(second.headers()).hasSize(3);
    assertThat(second.headers().get(1).value()).containsExactly(0xff);
    assertThat(second.headers().get(2).value()).isNull();
    for (Event tombstone : parsed.request().events().subList(2, 4)) {
      assertThat(tombstone.key()).isNull();
      assertThat(tombstone.value()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0",
        "1.50",
        "1e400",
        "123456789012345678901234567890123456789012345678901234567890",
        "true",
        "false",
        "\"\"",
        "\"a b\"",
        "\"\\u00e9\\n\\\"\\\\\"",
        "\"é€😀\"",
        "[]",
        "{}",
        "[ 1 ,\n2 ]",
        "{ \"a\" : { \"b\" : [ ] } , \"a\":1 }",
        "\"\\ud800\""
      })
  void keepsAValueAsItsBytesCameIn(String value) throws InvalidJsonException {
    for (String shape :
        new String[] {
          "{\"topic\":\"t\",\"value\":%s}",
          "{\"value\":%s,\"topic\":\"t\"}",
          " {\t\"value\" :\r\n %s  , \"topic\" : \"t\" } ",
          "\ufeff{\"topic\":\"t\",\"events\":[ {\"value\": %s } ]}",
          "{\"topic\":\"ü\",\"events\":[{\"value\":0},{\"key\":\"ü\",\"value\":%s,\"timestamp\":1}]}"
        }) {
      Event last = read(shape.formatted(value)).request().events().getLast();

      assertThat(last.value()).isEqualTo(ByteBuffer.wrap(value.getBytes(UTF_8)));
    }
  }

  @Test
  void readsAProducersSequence() throws InvalidJsonException {
    String single = "{\"producer_id\":12,\"sequence\":0,\"topic\":\"t\",\"value\":1}";
    String batch =
        "{\"topic\":\"t\",\"sequence\":999999999999999999,\"results\":\"partitions\","
            + "\"events\":[{}],\"producer_id\":1}";

    ProduceBody.Parsed parsed = read(batch);

    assertThat(read(single).request().producer()).contains(new ProducerSequence(12, 0));
    assertThat(parsed.request().producer())
        .contains(new ProducerSequence(1, 999_999_999_999_999_999L));
    assertThat(parsed.results()).isEqualTo(Results.PARTITIONS);
    assertThat(read("{\"topic\":\"t\",\"producer_id\":null}").request().producer()).isEmpty();
  }

  @Test
  void aSequenceIsARequestsAndNotAnEvents() {
    Refusal refusal =
        refusal(
            "{\"topic\":\"t\",\"events\":[{},{\"sequence\":1}]}".getBytes(UTF_8), Beside.NOTHING);

    assertThat(refusal.attributes()).containsEntry("field", "sequence").containsEntry("index", 1);
  }

  @Test
  void readsKeysWithAndWithoutEscapes() throws InvalidJsonException {
    assertThat(text(key("\"\""))).isEmpty();
    assertThat(text(key("\"a\\u0062\\n\""))).isEqualTo("ab\n");
    assertThat(key("\"\\ud83d\\ude00é\"")).isEqualTo(ByteBuffer.wrap("😀é".getBytes(UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "topic        | {}",
        "topic        | {\"value\":1}",
        "topic        | {\"topic\":null}",
        "topic        | {\"topic\":1}",
        "topic        | {\"topic\":[\"a\"]}",
        "topic        | {\"topic\":\"a\",\"topic\":\"a\"}",
        "topic        | {\"topic\":null,\"topic\":\"a\"}",
        "cluster      | {\"topic\":\"a\",\"cluster\":null,\"cluster\":null}",
        "results      | {\"topic\":\"a\",\"events\":[{}],\"results\":null,\"results\":\"events\"}",
        "timeout_ms   | {\"topic\":\"a\",\"timeout_ms\":null,\"timeout_ms\":5}",
        "sequence     | {\"topic\":\"a\",\"sequence\":null,\"sequence\":null}",
        "producer_id  | {\"topic\":\"a\",\"producer_id\":null,\"producer_id\":null}",
        "key          | {\"topic\":\"a\",\"key\":null,\"key\":\"x\"}",
        "value        | {\"topic\":\"a\",\"value\":null,\"value\":null}",
        "cluster      | {\"topic\":\"a\",\"cluster\":{}}",
        "timeout_ms   | {\"topic\":\"a\",\"timeout_ms\":0}",
        "timeout_ms   | {\"topic\":\"a\",\"timeout_ms\":60001}",
        "timeout_ms   | {\"topic\":\"a\",\"timeout_ms\":-1}",
        "timeout_ms   | {\"topic\":\"a\",\"timeout_ms\":1.5}",
        "timeout_ms   | {\"topic\":\"a\",\"timeout_ms\":\"1\"}",
        "timeout_ms   | {\"topic\":\"a\",\"timeout_ms\":99999999999999999999999}",
        "timeout_ms   | {\"topic\":\"a\",\"timeout_ms\":5,\"timeout_ms\":5}",
        "key          | {\"topic\":\"a\",\"key\":5}",
        "key          | {\"topic\":\"a\",\"key\":\"x\",\"key\":\"x\"}",
        "key          | {\"topic\":\"a\",\"key\":\"\\ud800\"}",
        "key          | {\"topic\":\"a\",\"key\":\"\\udc00x\"}",
        "key_base64   | {\"topic\":\"a\",\"key\":\"x\",\"key_base64\":\"eA==\"}",
        "key_base64   | {\"topic\":\"a\",\"key_base64\":\"?\"}",
        "key_base64   | {\"topic\":\"a\",\"key_base64\":7}",
        "value_base64 | {\"topic\":\"a\",\"value\":1,\"value_base64\":\"eA==\"}",
        "value_base64 | {\"topic\":\"a\",\"value_base64\":\"e\"}",
        "value        | {\"topic\":\"a\",\"value\":1,\"value\":2}",
        "headers      | {\"topic\":\"a\",\"headers\":[]}",
        "headers      | {\"topic\":\"a\",\"headers\":{\"a\":1}}",
        "headers      | {\"topic\":\"a\",\"headers\":{\"a\":\"1\",\"a\":\"2\"}}",
        "header_list  | {\"topic\":\"a\",\"header_list\":{}}",
        "header_list  | {\"topic\":\"a\",\"header_list\":[1]}",
        "header_list  | {\"topic\":\"a\",\"header_list\":[{\"name\":\"x\"}]}",
        "header_list  | {\"topic\":\"a\",\"header_list\":[{\"value\":\"x\"}]}",
        "header_list  | {\"topic\":\"a\",\"header_list\":[{\"name\":\"x\",\"value\":1}]}",
        "header_list  |"
            + " {\"topic\":\"a\",\"header_list\":[{\"name\":\"x\",\"value\":\"\",\"y\":1}]}",
        "header_list  | {\"topic\":\"a\",\"headers\":{},\"header_list\":[]}",
        "timestamp    | {\"topic\":\"a\",\"timestamp\":-1}",
        "timestamp    | {\"topic\":\"a\",\"timestamp\":9300000000000000000}",
        "timestamp    | {\"topic\":\"a\",\"timestamp\":\"2026\"}",
        "partition    | {\"topic\":\"a\",\"partition\":-1}",
        "partition    | {\"topic\":\"a\",\"partition\":1.0}",
        "partition    | {\"topic\":\"a\",\"partition\":4294967296}",
        "sequence     | {\"topic\":\"a\",\"producer_id\":1}",
        "sequence     | {\"topic\":\"a\",\"producer_id\":1,\"sequence\":-1}",
        "sequence     | {\"topic\":\"a\",\"producer_id\":1,\"sequence\":1.5}",
        "sequence     | {\"topic\":\"a\",\"producer_id\":1,\"sequence\":1234567890123456789}",
        "sequence     | {\"topic\":\"a\",\"producer_id\":1,\"sequence\":1,\"sequence\":1}",
        "producer_id  | {\"topic\":\"a\",\"producer_id\":0,\"sequence\":1}",
        "producer_id  | {\"topic\":\"a\",\"producer_id\":\"1\",\"sequence\":1}",
        "results      | {\"topic\":\"a\",\"results\":\"partitions\"}",
        "results      | {\"topic\":\"a\",\"events\":[{}],\"results\":\"x\"}",
        "producer_id  | {\"topic\":\"a\",\"sequence\":1}",
        "colour       | {\"topic\":\"a\",\"colour\":1}",
        "events       | {\"topic\":\"a\",\"events\":[]}",
        "events       | {\"topic\":\"a\",\"events\":{}}",
        "events       | {\"topic\":\"a\",\"events\":null}",
        "events       | {\"topic\":\"a\",\"events\":[{}],\"events\":[{}]}",
        "value        | {\"topic\":\"a\",\"events\":[{}],\"value\":1}",
        "key          | {\"topic\":\"a\",\"key\":\"k\",\"events\":[{}]}"
      })
  void namesTheFieldThatIsWrong(String field, String body) {
    Refusal refusal = refusal(body.getBytes(UTF_8));

    assertThat(refusal.code()).isEqualTo(RefusalCode.INVALID_REQUEST);
    assertThat(refusal.attributes()).containsEntry("field", field).doesNotContainKey("index");
    assertThat(refusal.detail()).doesNotContain("Exception", "tools.", "io.ottla").endsWith(".");
  }

  @Test
  void namesTheIndexOfABadEventOfABatch() {
    Refusal unknown =
        refusal("{\"topic\":\"a\",\"events\":[{},{\"value\":1},{\"keys\":1},{}]}".getBytes(UTF_8));
    Refusal noObject = refusal("{\"topic\":\"a\",\"events\":[{},7]}".getBytes(UTF_8));
    Refusal broken = refusal("{\"topic\":\"a\",\"events\":[{\"value\":tru}]}".getBytes(UTF_8));
    Refusal topicInEvent =
        refusal("{\"topic\":\"a\",\"events\":[{\"topic\":\"a\"}]}".getBytes(UTF_8));

    assertThat(unknown.attributes()).containsEntry("field", "keys").containsEntry("index", 2);
    assertThat(noObject.attributes()).containsEntry("field", "events").containsEntry("index", 1);
    assertThat(broken.attributes()).containsEntry("index", 0);
    assertThat(topicInEvent.attributes()).containsEntry("index", 0).containsEntry("field", "topic");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "1",
        "null",
        "\"a\"",
        "{",
        "{\"topic\"",
        "{\"topic\":",
        "{\"topic\":\"a\"",
        "{\"topic\":\"a\",}",
        "{topic:\"a\"}",
        "{'topic':'a'}",
        "{\"topic\":\"a\"} x",
        "{\"topic\":\"a\"}{}",
        "{\"topic\":\"a\",\"value\":NaN}",
        "{\"topic\":\"a\",\"value\":01}",
        "{\"topic\":\"a\",\"value\":+1}",
        "{\"topic\":\"a\",\"value\":1.}",
        "{\"topic\":\"a\",\"value\":.5}",
        "{\"topic\":\"a\",\"value\":\"\\x\"}",
        "{\"topic\":\"a\",\"value\":\"\n\"}",
        "{\"topic\":\"a\",\"key\":\"\t\"}",
        "{\"topic\":\"a\",\"key\":\"unclosed",
        "{\"topic\":\"a\",\"value\":\"unclosed",
        "{\"topic\":\"a\",\"value\":[1,2}",
        "{\"topic\":\"a\",\"value\":/* */1}",
        "{\"topic\":\"a\",\"value\":1,,}",
        "{\"topic\":\"a\",\"events\":[{}",
        "{\"topic\":\"a\",\"events\":[{},]}",
        "\u0000{\"topic\":\"a\"}",
        "a=b"
      })
  void refusesWhatIsNotJson(String body) {
    Refusal refusal = refusal(body.getBytes(UTF_8));

    assertThat(refusal.code()).isEqualTo(RefusalCode.INVALID_REQUEST);
    assertThat(refusal.detail()).doesNotContain("Exception", "tools.", "Json").endsWith(".");
  }

  @Test
  void refusesWhatIsNotUtf8() {

    String[] bad = {
      "\u00ff", "\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00f5\u0080\u0080\u0080", "\u00e2\u0082"
    };
    for (String bytes : bad) {
      assertThat(
              refusal(("{\"topic\":\"a\",\"value\":\"" + bytes + "\"}").getBytes(ISO_8859_1))
                  .detail())
          .contains("UTF-8");
    }
    assertThatThrownBy(() -> read("{\"topic\":\"a\",\"value\":1}".getBytes(UTF_16LE)))
        .isInstanceOf(InvalidJsonException.class);
  }

  @Test
  void refusesWhatIsTooDeepOrTooMuch() {
    String deep =
        "{\"topic\":\"a\",\"value\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000) + "}";
    String deepObjects = "{\"topic\":\"a\",\"value\":" + "{\"a\":".repeat(1_000_000);
    String many = "{\"topic\":\"a\",\"events\":[" + "{},".repeat(ProduceBody.MAX_EVENTS) + "{}]}";
    String headers =
        "{\"topic\":\"a\",\"header_list\":["
            + "{\"name\":\"\",\"value\":\"\"},".repeat(100_001)
            + "]}";

    assertThat(refusal(deep.getBytes(UTF_8)).detail()).contains("deeper");
    assertThat(refusal(deepObjects.getBytes(UTF_8)).detail()).contains("deeper");
    assertThat(refusal(many.getBytes(UTF_8)).code()).isEqualTo(RefusalCode.BATCH_TOO_LARGE);
    assertThat(refusal(headers.getBytes(UTF_8)).attributes()).containsEntry("field", "header_list");
  }

  @Test
  void takesFieldsBesideTheBodyUnlessTheBodyHasThemToo() throws InvalidJsonException {
    Beside beside =
        new Beside(
            Optional.of("t"),
            Optional.of("c"),
            OptionalInt.of(7),
            new ProducerNumbers(OptionalLong.of(3), OptionalLong.of(0)),
            Optional.empty());
    byte[] body = "{\"value\":1}".getBytes(UTF_8);

    ProduceBody.Parsed parsed = ProduceBody.read(body, body.length, beside);

    assertThat(parsed.request().topic()).isEqualTo("t");
    assertThat(parsed.request().cluster()).contains("c");
    assertThat(parsed.request().timeout()).isEqualTo(Duration.ofMillis(7));
    for (String field :
        new String[] {"topic", "cluster", "timeout_ms", "producer_id", "sequence"}) {
      String value = field.equals("topic") || field.equals("cluster") ? "\"t\"" : "1";
      byte[] twice = ("{\"" + field + "\":" + value + "}").getBytes(UTF_8);
      assertThat(refusal(twice, beside).attributes()).containsEntry("field", field);
    }
  }

  private static ByteBuffer key(String json) throws InvalidJsonException {
    return read("{\"topic\":\"t\",\"key\":" + json + "}").request().events().getFirst().key();
  }

  private static ProduceBody.Parsed read(String body) throws InvalidJsonException {
    return read(body.getBytes(UTF_8));
  }

  private static ProduceBody.Parsed read(byte[] body) throws InvalidJsonException {
    return ProduceBody.read(body, body.length, Beside.NOTHING);
  }

  private static Refusal refusal(byte[] body) {
    return refusal(body, Beside.NOTHING);
  }

  private static Refusal refusal(byte[] body, Beside beside) {
    InvalidJsonException e =
        catchThrowableOfType(
            InvalidJsonException.class, () -> ProduceBody.read(body, body.length, beside));
    assertThat(e).as(new String(body, 0, Math.min(100, body.length), UTF_8)).isNotNull();
    return e.refusal();
  }

  private static String text(ByteBuffer bytes) {
    return ISO_8859_1.decode(bytes.duplicate()).toString();
  }
}
