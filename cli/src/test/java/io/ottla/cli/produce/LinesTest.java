package io.ottla.cli.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.cli.terminal.CommandFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinesTest {
  @Test
  void aLineEndsWithLfOrCrLfOrTheStream() throws IOException {
    assertThat(lines("a\nb\r\nc")).containsExactly("a", "b", "c");
    assertThat(lines("a\n")).containsExactly("a");
    assertThat(lines("\n\r\n")).containsExactly("", "");
    assertThat(lines("a\rb\nc\r")).containsExactly("a\rb", "c\r");
    assertThat(lines("")).isEmpty();
  }

  @Test
  void linesAreTheSameHoweverTheyArrive() throws IOException {
    Random random = new Random(7);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      expected.add("x".repeat(random.nextInt(2_000)) + i);
    }
    byte[] bytes = String.join("\n", expected).getBytes(StandardCharsets.UTF_8);
    InputStream inPieces =
        new ByteArrayInputStream(bytes) {
          @Override
          public synchronized int read(byte[] into, int at, int length) {
            return super.read(into, at, Math.min(length, 1 + random.nextInt(5_000)));
          }
        };

    assertThat(read(new Lines(inPieces))).isEqualTo(expected);
  }

  @Test
  void linesAndBytesAreCounted() throws IOException {
    Lines lines = new Lines(new ByteArrayInputStream("ab\r\nc".getBytes(StandardCharsets.UTF_8)));

    read(lines);

    assertThat(lines.count()).isEqualTo(2);
    assertThat(lines.bytes()).isEqualTo(5);
  }

  @Test
  void aLineWithoutEndIsNotReadForEver() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] into, int at, int length) {
            return length;
          }
        };

    assertThatThrownBy(() -> new Lines(endless).next())
        .isInstanceOf(CommandFailure.class)
        .hasMessage("line 1 is longer than 16 MiB");
  }

  private static List<String> lines(String text) throws IOException {
    return read(new Lines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
  }

  private static List<String> read(Lines lines) throws IOException {
    List<String> all = new ArrayList<>();
    for (byte[] line = lines.next(); line != null; line = lines.next()) {
      all.add(new String(line, StandardCharsets.UTF_8));
    }
    return all;
  }
}
