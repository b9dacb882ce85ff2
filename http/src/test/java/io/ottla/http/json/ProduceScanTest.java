package io.ottla.http.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scan and the parser read the same. */
class ProduceScanTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"topic\":\"t\",\"value\":{\"a\":[1,2.5e3,\"x\\n\",true,null]}}",
        "{\"topic\":\"t\",\"key\":\"\",\"value\":null}",
        "{\"topic\":\"t\",\"cluster\":\"c\",\"timeout_ms\":5,\"producer_id\":4294967297,"
            + "\"sequence\":0,\"results\":\"partitions\",\"events\":[{\"partition\":0,"
            + "\"timestamp\":17,\"key\":\"k\",\"value\":1},{\"key\":\"x\"}]}",
        "{ \"topic\" : \"t\" ,\r\n \"events\" : [ { \"value\" : \"ü\" } , { \"key\" : \"ü\" } ] }"
      })
  void plainBodiesAreReadByTheScan(String body) throws InvalidJsonException {
    assertThat(describe(scan(body))).isEqualTo(describe(parse(body)));
  }

  @Test
  void whatTheScanReadsTheParserReadsAlike() throws InvalidJsonException {
    int plain = 0;
    for (int i = 0; i < 60_000; i++) {
      byte[] bytes = mutated(body().getBytes(StandardCharsets.UTF_8));
      if (!Utf8.isValid(bytes, 0, bytes.length)) {
        continue;
      }
      ProduceFields scanned = ProduceScan.read(bytes, 0, bytes.length);
      if (scanned != null) {
        plain++;
        ProduceFields parsed = ProduceParser.read(bytes, 0, bytes.length);
        assertThat(describe(scanned))
            .as("seed %d %s", seed, new String(bytes, StandardCharsets.UTF_8))
            .isEqualTo(describe(parsed));
      }
    }
    assertThat(plain).isGreaterThan(5_000);
  }

  @Test
  void depthIsBoundedAlike() throws InvalidJsonException {
    for (int depth = Json.MAX_DEPTH - 5; depth < Json.MAX_DEPTH + 3; depth++) {
      String value = "[".repeat(depth) + "]".repeat(depth);
      for (String body :
          List.of(
              "{\"topic\":\"t\",\"value\":" + value + "}",
              "{\"topic\":\"t\",\"events\":[{\"value\":" + value + "}]}")) {
        boolean scanned = scan(body) != null;
        boolean parsed;
        try {
          parsed = parse(body) != null;
        } catch (InvalidJsonException e) {
          parsed = false;
        }
        assertThat(scanned).as("depth %d", depth).isEqualTo(parsed);
      }
    }
  }

  private static List<Object> describe(ProduceFields fields) {
    List<Object> all = new ArrayList<>();
    Collections.addAll(all, fields.topic, fields.cluster, fields.results, fields.firstOfSingle);
    Collections.addAll(all, fields.producerId, fields.sequence, fields.timeoutMs, fields.events);
    all.add(fields.events == null ? fields.single : null);
    return all;
  }

  private String body() {
    List<String> fields = new ArrayList<>();
    fields.add("\"topic\":" + space() + pick("\"t\"", "\"\"", "null", "1", "\"\\u0041\""));
    maybe(fields, "\"cluster\":" + pick("\"c\"", "null", "\"ü\""));
    maybe(fields, "\"timeout_ms\":" + pick("1", "60000", "60001", "0", "null", "1.0", "01"));
    maybe(fields, "\"producer_id\":" + pick("1", "0", "4294967297", "123456789012345678"));
    maybe(fields, "\"sequence\":" + pick("0", "7", "1234567890123456789", "-1"));
    maybe(fields, "\"results\":" + pick("\"events\"", "\"partitions\"", "null"));
    if (random.nextBoolean()) {
      List<String> events = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        events.add("{" + String.join(",", eventFields()) + "}");
      }
      fields.add("\"events\":" + space() + "[" + String.join("," + space(), events) + "]");
    } else {
      fields.addAll(eventFields());
    }
    Collections.shuffle(fields, random);
    return space() + "{" + String.join(space() + ",", fields) + "}" + space();
  }

  private List<String> eventFields() {
    List<String> fields = new ArrayList<>();
    maybe(fields, "\"key\":" + pick("\"k\"", "\"\"", "null", "\"ü€\"", "\"\\\"\"", "3"));
    maybe(fields, "\"partition\":" + pick("0", "3", "1000000", "1000001", "null", "-0"));
    maybe(fields, "\"timestamp\":" + pick("0", "1732000000000", "null", "1e3"));
    maybe(
        fields,
        "\"value\":"
            + space()
            + pick(
                "1",
                "null",
                "\"text\"",
                "{\"a\":[true,{}],\"b\":\"\\u00e4\\\\\"}",
                "[ ]",
                "-1.5E+7",
                "tru",
                "{\"a\":1,}"));
    maybe(fields, "\"headers\":{}");
    Collections.shuffle(fields, random);
    if (random.nextInt(20) == 0 && !fields.isEmpty()) {
      fields.add(fields.getFirst());
    }
    return fields;
  }

  private void maybe(List<String> fields, String field) {
    if (random.nextInt(3) == 0) {
      fields.add(field);
    }
  }

  private String space() {
    return pick("", "", "", " ", "\n\t");
  }

  private String pick(String... choices) {
    // The first is what is plain: take it more often.
    return random.nextBoolean() ? choices[0] : choices[random.nextInt(choices.length)];
  }

  private byte[] mutated(byte[] bytes) {
    switch (random.nextInt(8)) {
      case 0 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(128);
      case 1 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      default -> {
        // As it is.
      }
    }
    return bytes;
  }

  private static ProduceFields scan(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return ProduceScan.read(bytes, 0, bytes.length);
  }

  private static ProduceFields parse(String body) throws InvalidJsonException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return ProduceParser.read(bytes, 0, bytes.length);
  }
}
