package io.ottla.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerParserTest {
  private static final String CREATED =
      "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-length: 4\r\n\r\n{\r\n}";
  private static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";

  @Test
  void findsEveryAnswerHoweverTheBytesAreCut() throws IOException {
    byte[] bytes = (CREATED + BUSY + CREATED).getBytes(StandardCharsets.US_ASCII);

    for (int pieceBytes = 1; pieceBytes <= bytes.length; pieceBytes++) {
      assertThat(statuses(bytes, pieceBytes)).containsExactly(201, 503, 201);
    }
  }

  @Test
  void refusesAnAnswerWhoseEndItCannotFind() {
    byte[] bytes = "HTTP/1.1 201 Created\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    assertThatThrownBy(() -> statuses(bytes, bytes.length))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Content-Length");
  }

  private static List<Integer> statuses(byte[] bytes, int pieceBytes) throws IOException {
    AnswerParser parser = new AnswerParser();
    List<Integer> statuses = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += pieceBytes) {
      ByteBuffer piece = ByteBuffer.wrap(bytes, from, Math.min(pieceBytes, bytes.length - from));
      boolean more = true;
      while (more) {
        boolean complete = parser.read(piece);
        if (complete) {
          statuses.add(parser.status());
        }
        more = complete && piece.hasRemaining();
      }
    }
    return statuses;
  }
}
