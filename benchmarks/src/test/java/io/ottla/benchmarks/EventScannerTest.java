package io.ottla.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventScannerTest {
  private static final String POLL =
      "{\"consumer_id\":7,\"assignment\":[{\"topic\":\"t\",\"partition\":0}],\"events\":["
          + event(0, 0, "12-x")
          + ","
          + event(2, 0, "345-x")
          + "],\"cursor\":\"abc\"}";

  @Test
  void findsTheEventsOfEveryFormHoweverTheBytesAreCut() throws IOException {
    String lines = event(0, 0, "12-x") + "\n{\"cursor\":\"c\"}\n" + event(2, 0, "345-x") + "\n";
    String sse =
        ": hi\n\nid: c1\ndata: "
            + event(0, 0, "12-x")
            + "\n\nid: c2\ndata: "
            + event(2, 0, "345-x")
            + "\n\n";

    for (String answer : List.of(POLL, lines, sse)) {
      byte[] bytes = answer.getBytes(StandardCharsets.US_ASCII);
      for (int pieceBytes = 1; pieceBytes <= bytes.length; pieceBytes++) {
        List<Long> times = new ArrayList<>();
        EventScanner scanner = EventScanner.withTimes("t", 3, times::add);
        scan(scanner, bytes, pieceBytes);

        assertThat(scanner.events()).isEqualTo(2);
        assertThat(scanner.nextOffset(2)).isEqualTo(1);
        assertThat(times).containsExactly(12L, 345L);
      }
    }
  }

  @Test
  void refusesAnOffsetThatIsNotTheNext() {
    byte[] skipped = (event(1, 0, "1-x") + event(1, 2, "1-x")).getBytes(StandardCharsets.US_ASCII);
    byte[] again = (event(1, 0, "1-x") + event(1, 0, "1-x")).getBytes(StandardCharsets.US_ASCII);

    assertThatThrownBy(() -> scan(EventScanner.of("t", 3), skipped, 100))
        .hasMessage("partition 1: offset 2 where 1 was due");
    assertThatThrownBy(() -> scan(EventScanner.of("t", 3), again, 100))
        .hasMessage("partition 1: offset 0 where 1 was due");
  }

  private static void scan(EventScanner scanner, byte[] bytes, int pieceBytes) throws IOException {
    for (int from = 0; from < bytes.length; from += pieceBytes) {
      scanner.scan(bytes, from, Math.min(bytes.length, from + pieceBytes));
    }
  }

  private static String event(int partition, long offset, String value) {
    return "{\"topic\":\"t\",\"partition\":%d,\"offset\":%d,\"timestamp\":9,\"value\":\"%s\",\"headers\":{}}"
        .formatted(partition, offset, value);
  }
}
