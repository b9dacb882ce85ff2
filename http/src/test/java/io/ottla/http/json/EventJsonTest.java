package io.ottla.http.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.log.Header;
import io.ottla.log.StoredRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Against Jackson's tree model, which reads what was written and knows what should be read. */
class EventJsonTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int ROUNDS = 200;

  @Test
  void writesAnEventAsTheContractShowsIt() {
    StoredRecord event = new StoredRecord(17, 1732, utf8("u42"), utf8("{\"post\":99}"), List.of());

    assertThat(written(event))
        .isEqualTo(
            "{\"topic\":\"liked\",\"partition\":1,\"offset\":17,\"timestamp\":1732,"
                + "\"key\":\"u42\",\"value\":{\"post\":99},\"headers\":{}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-1.5e3",
        "true",
        "\"\"",
        "[]",
        "{\"a\": [1, {}]}",
        "\"é😀\"",
        "{\"a\":1,\"a\":2}"
      })
  void showsAValueThatIsJsonByteForByte(String value) {
    assertThat(written(new StoredRecord(0, 0, null, utf8(value), List.of())))
        .contains("\"value\":" + value + ",");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "null", " 1", "1 ", "\n{}", "{}\n", "01", "+1", ".5", "nul", "True", "{", "[1,]",
        "{\"a\"}", "\"", "\"\t\"", "'a'", "1 2", "{}{}", "\ufeff1", "NaN", "-", "/**/1", "\u0000"
      })
  void showsAnyOtherValueInBase64(String value) {
    JsonNode event = MAPPER.readTree(written(new StoredRecord(0, 0, null, utf8(value), List.of())));

    assertThat(event.has("value")).isFalse();
    assertThat(Base64.getDecoder().decode(event.get("value_base64").asString()))
        .isEqualTo(value.getBytes(UTF_8));
  }

  @Test
  void showsADeepValueInBase64() {
    String deep = "[".repeat(600) + "]".repeat(600);

    assertThat(written(new StoredRecord(0, 0, null, utf8(deep), List.of())))
        .contains("value_base64");
  }

  @Test
  void tellsATombstoneFromAnEmptyValueAndNoKeyFromAnEmptyOne() {
    assertThat(written(new StoredRecord(0, 0, null, null, List.of())))
        .contains("\"key\":null,\"value\":null");
    assertThat(written(new StoredRecord(0, 0, utf8(""), utf8(""), List.of())))
        .contains("\"key\":\"\",\"value_base64\":\"\"");
  }

  @Test
  void writesHeadersAsAnObjectOrWhereItCannotAsAList() {
    Header text = new Header("a", "ü\"".getBytes(UTF_8));
    Header binary = new Header("b", new byte[] {(byte) 0xff});
    Header none = new Header("c", null);

    assertThat(headers(text)).contains("\"headers\":{\"a\":\"ü\\\"\"}");
    assertThat(headers(text, text))
        .contains("\"header_list\":[{\"name\":\"a\",\"value\":\"ü\\\"\"},{\"name\":\"a\",");
    assertThat(headers(binary, none))
        .contains(
            "\"header_list\":[{\"name\":\"b\",\"value_base64\":\"/w==\"},"
                + "{\"name\":\"c\",\"value\":null}]");
  }

  @Test
  void writesTheOutcomesOfABatch() {
    Refusal failed = Refusal.of(RefusalCode.NOT_COMMITTED, "x").perhapsAppended();
    Refusal refused = Refusal.of(RefusalCode.NO_LEADER, "x").notAppended();
    JsonBuffer out = new JsonBuffer(16);

    EventJson.writeBatchResult(
        out,
        new ProduceResult(
            "t",
            List.of(
                new EventResult.Committed(1, 18, 5),
                new EventResult.Failed(0, failed),
                new EventResult.Failed(1, refused))));

    assertThat(out.toString())
        .isEqualTo(
            "{\"topic\":\"t\",\"committed\":false,\"events\":[{\"partition\":1,\"offset\":18},"
                + "{\"error\":{\"code\":\"not_committed\",\"retriable\":true,\"appended\":\"unknown\"}},"
                + "{\"error\":{\"code\":\"no_leader\",\"retriable\":true,\"appended\":false}}]}");
  }

  @Test
  void writesTheOutcomesOfABatchByPartition() {
    Refusal refused = Refusal.of(RefusalCode.NO_LEADER, "x").notAppended();
    JsonBuffer some = new JsonBuffer(16);
    JsonBuffer all = new JsonBuffer(16);

    PartitionsJson.write(
        some,
        new ProduceResult(
            "t",
            List.of(
                new EventResult.Committed(10, 18, 5),
                new EventResult.Failed(2, refused),
                new EventResult.Committed(10, 19, 5),
                new EventResult.Failed(2, refused),
                new EventResult.Committed(0, 7, 5))));
    PartitionsJson.write(all, new ProduceResult("t", List.of(new EventResult.Committed(1, 18, 5))));

    assertThat(some.toString())
        .isEqualTo(
            "{\"topic\":\"t\",\"committed\":false,\"count\":3,\"partitions\":{"
                + "\"0\":{\"first\":7,\"last\":7,\"count\":1},"
                + "\"2\":{\"error\":{\"code\":\"no_leader\",\"retriable\":true,\"appended\":false}},"
                + "\"10\":{\"first\":18,\"last\":19,\"count\":2}}}");
    assertThat(all.toString()).contains("\"committed\":true,\"count\":1,");
  }

  @ParameterizedTest
  @CsvSource({
    "0",
    "-1",
    "9",
    "10",
    "99999",
    "100000",
    "9223372036854775807",
    "-9223372036854775808",
    "1000000000000000000",
    "999999999999999999"
  })
  void writesNumbers(long number) {
    assertThat(new JsonBuffer(0).number(number).toString()).isEqualTo(Long.toString(number));
  }

  @Test
  void writesStringsThatAnyParserReadsBack() {
    Random random = seeded();
    for (int round = 0; round < ROUNDS; round++) {
      String text = RandomJson.text(random);

      assertThat(MAPPER.readTree(new JsonBuffer(0).string(text).toString()).asString())
          .isEqualTo(text);
    }
  }

  @Test
  void readsWhatTheTreeModelReads() throws InvalidJsonException {
    Random random = seeded();
    for (int round = 0; round < ROUNDS; round++) {
      List<RandomJson.ExpectedEvent> expected = new ArrayList<>();
      byte[] body = RandomJson.batch(random, expected).getBytes(UTF_8);

      List<Event> events =
          ProduceBody.read(body, body.length, ProduceBody.Beside.NOTHING).request().events();

      JsonNode tree = MAPPER.readTree(new String(body, UTF_8)).get("events");
      assertThat(events).hasSize(tree.size());
      for (int i = 0; i < events.size(); i++) {
        assertSame(events.get(i), tree.get(i), expected.get(i).valueText());
      }
    }
  }

  @Test
  void showsWhatItReadSoThatTheTreeModelFindsTheSame() throws InvalidJsonException {
    Random random = seeded();
    for (int round = 0; round < ROUNDS; round++) {
      byte[] body = RandomJson.batch(random, new ArrayList<>()).getBytes(UTF_8);
      JsonNode tree = MAPPER.readTree(body).get("events");
      List<Event> events =
          ProduceBody.read(body, body.length, ProduceBody.Beside.NOTHING).request().events();
      for (int i = 0; i < events.size(); i++) {
        Event event = events.get(i);
        JsonNode shown =
            MAPPER.readTree(
                written(new StoredRecord(i, 5, event.key(), event.value(), event.headers())));

        assertThat(shown.hasNonNull("value")).isEqualTo(tree.get(i).hasNonNull("value"));
        if (shown.hasNonNull("value")) {
          assertThat(shown.get("value")).isEqualTo(tree.get(i).get("value"));
        }
        assertThat(shown.hasNonNull("key")).isEqualTo(tree.get(i).hasNonNull("key"));
        assertThat(shown.path("key").asString("")).isEqualTo(tree.get(i).path("key").asString(""));
      }
    }
  }

  @Test
  void refusesOrReadsEveryDamagedBodyButNeverFails() {
    Random random = seeded();
    for (int round = 0; round < 5 * ROUNDS; round++) {
      byte[] body = RandomJson.batch(random, new ArrayList<>()).getBytes(UTF_8);
      int at = random.nextInt(body.length);
      switch (random.nextInt(3)) {
        case 0 -> body[at] = (byte) random.nextInt(256);
        case 1 -> body = Arrays.copyOf(body, at);
        default -> System.arraycopy(body, 0, body, at, Math.min(at, body.length - at));
      }
      try {
        ProduceBody.Parsed parsed = ProduceBody.read(body, body.length, ProduceBody.Beside.NOTHING);
        // What is read must be what the other implementation reads, too.
        JsonNode tree = MAPPER.readTree(new String(body, UTF_8));
        assertThat(parsed.request().topic()).isEqualTo(tree.get("topic").asString());
      } catch (InvalidJsonException refused) {
        assertThat(refused.refusal().detail()).endsWith(".");
      }
    }
  }

  private static void assertSame(Event event, JsonNode tree, String valueText) {
    if (valueText == null) {
      assertThat(event.value()).isNull();
    } else {
      assertThat(UTF_8.decode(event.value().duplicate()).toString()).isEqualTo(valueText);
      assertThat(MAPPER.readTree(valueText)).isEqualTo(tree.get("value"));
    }
    if (tree.path("key").isString()) {
      assertThat(UTF_8.decode(event.key().duplicate()).toString())
          .isEqualTo(tree.get("key").asString());
    } else {
      assertThat(event.key()).isNull();
    }
    assertThat(event.headers()).hasSize(tree.path("headers").size());
    for (Header header : event.headers()) {
      assertThat(new String(header.value(), UTF_8))
          .isEqualTo(tree.get("headers").get(header.name()).asString());
    }
  }

  private static Random seeded() {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    System.out.println("seed: -Dottla.seed=" + seed);
    return new Random(seed);
  }

  private static String headers(Header... headers) {
    return written(new StoredRecord(0, 0, null, null, List.of(headers)));
  }

  private static String written(StoredRecord event) {
    JsonBuffer out = new JsonBuffer(0);
    EventJson.writeEvent(out, "liked", 1, event);
    return out.toString();
  }

  private static ByteBuffer utf8(String text) {
    byte[] around =
        ("xx" + new String(text.getBytes(UTF_8), ISO_8859_1) + "y").getBytes(ISO_8859_1);
    return ByteBuffer.wrap(around, 2, around.length - 3).asReadOnlyBuffer();
  }
}
