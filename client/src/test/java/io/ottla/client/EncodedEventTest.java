package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodedEventTest {
  private static final byte[] NOT_UTF8 = {(byte) 0xff, 1};

  @Test
  void jsonTravelsAsItIs() {
    assertThat(text(ProducerRecord.ofJson("t", "k", "{ \"a\" : 1.0 }")))
        .isEqualTo("\"timestamp\":7,\"key\":\"k\",\"value\":{ \"a\" : 1.0 }}");
  }

  @Test
  void aTextTravelsAsAJsonString() {
    assertThat(text(ProducerRecord.ofText("t", "k", "a\"\n")))
        .isEqualTo("\"timestamp\":7,\"key\":\"k\",\"value\":\"a\\\"\\n\"}");
  }

  @Test
  void whatIsNotJsonTravelsAsBase64() {
    assertThat(text(record(null, utf8("hello")))).contains("\"value_base64\":\"aGVsbG8=\"");
    assertThat(text(record(null, utf8("null")))).contains("\"value_base64\":\"bnVsbA==\"");
    assertThat(text(record(null, new byte[0]))).contains("\"value_base64\":\"\"");
    assertThat(text(record(NOT_UTF8, NOT_UTF8)))
        .isEqualTo("\"timestamp\":7,\"key_base64\":\"/wE=\",\"value_base64\":\"/wE=\"}");
  }

  @Test
  void aTombstoneHasNoValue() {
    assertThat(text(ProducerRecord.tombstone("t", "k")))
        .isEqualTo("\"timestamp\":7,\"key\":\"k\"}");
  }

  @Test
  void keysAreEscaped() {
    assertThat(text(record(utf8("\"\\\u0001é"), null))).contains("\"key\":\"\\\"\\\\\\u0001é\"");
  }

  @Test
  void textHeadersWithNamesOfTheirOwnAreAnObject() {
    ProducerRecord record =
        record(null, null).withHeader(Header.of("a", "1")).withHeader(Header.of("b", "é"));

    assertThat(text(record)).endsWith(",\"headers\":{\"a\":\"1\",\"b\":\"é\"}}");
  }

  @Test
  void otherHeadersAreAList() {
    ProducerRecord record =
        record(null, null)
            .withHeader(Header.of("a", "1"))
            .withHeader(new Header("a", NOT_UTF8))
            .withHeader(new Header("a", null));

    assertThat(text(record))
        .endsWith(
            ",\"header_list\":[{\"name\":\"a\",\"value\":\"1\"},"
                + "{\"name\":\"a\",\"value_base64\":\"/wE=\"},{\"name\":\"a\",\"value\":null}]}");
  }

  @Test
  void aRecordsOwnTimestampIsKept() {
    assertThat(text(record(null, null).withTimestamp(0))).isEqualTo("\"timestamp\":0}");
    assertThatThrownBy(() -> text(record(null, null).withTimestamp(-1)))
        .isInstanceOf(OttlaException.class)
        .hasMessageContaining("timestamp");
  }

  private static ProducerRecord record(byte[] key, byte[] value) {
    return new ProducerRecord("t", null, null, key, value, List.of());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ProducerRecord record) {
    return new String(EncodedEvent.of(record, 7).members().toArray(), StandardCharsets.UTF_8);
  }
}
