package io.ottla.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.client.InMemoryServer.Reply;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(100), Duration.ofMillis(1_000));
  private static final Backoff QUICK = new Backoff(Duration.ZERO, Duration.ofMillis(1));

  @Test
  void pausesDoubleUpToTheLongestLessAFifthAtMost() {
    for (int i = 0; i < 100; i++) {
      assertThat(BACKOFF.nanos(1)).isBetween(80_000_000L, 100_000_000L);
      assertThat(BACKOFF.nanos(3)).isBetween(320_000_000L, 400_000_000L);
      assertThat(BACKOFF.nanos(1_000)).isBetween(800_000_000L, 1_000_000_000L);
    }
  }

  @Test
  void aServersRetryAfterIsHonoured() {
    HttpHeaders headers = HttpHeaders.of(Map.of("Retry-After", List.of("3")), (a, b) -> true);
    HttpHeaders date = HttpHeaders.of(Map.of("Retry-After", List.of("Mon, x")), (a, b) -> true);

    assertThat(BACKOFF.nanos(1, new Response(503, headers, new byte[0]))).isEqualTo(3_000_000_000L);
    assertThat(BACKOFF.nanos(1, new Response(503, date, new byte[0]))).isLessThan(200_000_000L);
  }

  @Test
  void whatMayPassIsRepeated() throws IOException {
    try (InMemoryServer server = new InMemoryServer();
        Transport transport = new Transport(server.url())) {
      server.script(
          "GET /topic/t",
          (request, number) ->
              switch (number) {
                case 1 -> Reply.problem(503, "no_leader", true, null);
                case 2 -> Reply.of(502, Map.of());
                default -> Reply.of(200, Map.of("n", 1));
              });

      Response answer = QUICK.send(transport, Request.get("topic", "t"), Duration.ofSeconds(20));

      assertThat(answer.json()).containsEntry("n", 1L);
    }
  }

  @Test
  void whatIsForGoodIsNotRepeated() throws IOException {
    try (InMemoryServer server = new InMemoryServer();
        Transport transport = new Transport(server.url())) {
      server.script(
          "GET /topic/t", (request, number) -> Reply.problem(404, "topic_not_found", false, null));

      assertThatThrownBy(
              () -> QUICK.send(transport, Request.get("topic", "t"), Duration.ofSeconds(20)))
          .isInstanceOf(OttlaException.class)
          .hasMessage("It is topic_not_found.");
      assertThat(server.received).hasSize(1);
    }
  }
}
