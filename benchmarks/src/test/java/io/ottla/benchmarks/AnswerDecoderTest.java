package io.ottla.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerDecoderTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nOttla-Cursor: c\r\n\r\n";
  private static final String CHUNKED = HEAD.concat("3\r\nabc\r\na;x=y\r\n0123456789\r\n0\r\n\r\n");
  private static final String COUNTED =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nab\r\nc";

  @Test
  void takesTheFramingOffHoweverTheBytesAreCut() throws IOException {
    for (int pieceBytes = 1; pieceBytes <= CHUNKED.length(); pieceBytes++) {
      AnswerDecoder decoder = new AnswerDecoder();

      assertThat(decode(decoder, CHUNKED, pieceBytes)).isEqualTo("abc0123456789");
      assertThat(decoder.isComplete()).isTrue();
      assertThat(decoder.status()).isEqualTo(200);
      assertThat(decoder.header("ottla-cursor")).isEqualTo("c");

      decoder.reset();
      assertThat(decode(decoder, COUNTED, pieceBytes)).isEqualTo("ab\r\nc");
      assertThat(decoder.isComplete()).isTrue();
      assertThat(decoder.status()).isEqualTo(404);
    }
  }

  @Test
  void refusesAnAnswerWhoseEndItCannotFind() {
    assertThatThrownBy(() -> decode(new AnswerDecoder(), "HTTP/1.1 200 OK\r\n\r\n", 7))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("neither chunked");
  }

  private static String decode(AnswerDecoder decoder, String answer, int pieceBytes)
      throws IOException {
    byte[] bytes = answer.getBytes(StandardCharsets.US_ASCII);
    StringBuilder body = new StringBuilder();
    for (int from = 0; from < bytes.length; from += pieceBytes) {
      int to = Math.min(bytes.length, from + pieceBytes);
      decoder.feed(
          bytes,
          from,
          to,
          (piece, begin, end) ->
              body.append(new String(piece, begin, end - begin, StandardCharsets.US_ASCII)));
    }
    return body.toString();
  }
}
