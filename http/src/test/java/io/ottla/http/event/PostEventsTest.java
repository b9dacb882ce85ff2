package io.ottla.http.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.RequestHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the outcomes of events become, and what is asked of the use case. */
class PostEventsTest {
  private static final Refusal LOST =
      Refusal.of(RefusalCode.NOT_COMMITTED, "by the test").perhapsAppended();

  private final List<ProduceRequest> asked = new ArrayList<>();

  private RequestHandler json(Answer<ProduceResult> answer) {
    return new PostEvents(
        request -> {
          asked.add(request);
          return answer;
        });
  }

  private RequestHandler bytes(Answer<ProduceResult> answer) {
    return new PostEventBytes(
        request -> {
          asked.add(request);
          return answer;
        });
  }

  private static Answer<ProduceResult> partly() {
    return Answer.ok(
        new ProduceResult(
            "t", List.of(new EventResult.Committed(1, 18, 5), new EventResult.Failed(0, LOST))));
  }

  private static Answer<ProduceResult> committed() {
    return Answer.ok(new ProduceResult("t", List.of(new EventResult.Committed(1, 18, 5))));
  }

  private static Request request(Map<String, String> query, String body) {
    byte[] bytes = body.getBytes(UTF_8);
    return new Request(List.of(), query, RequestHeaders.of(Map.of()), bytes, bytes.length);
  }

  private static String text(Reply reply) {
    return ((Reply.Whole) reply).body().toString();
  }

  @Test
  void aBatchThatFailedPartlyIsA207() throws Exception {
    String batch = "{\"topic\":\"t\",\"events\":[{\"value\":1},{\"value\":2}]}";
    String error =
        "{\"error\":{\"code\":\"not_committed\",\"retriable\":true,\"appended\":\"unknown\"}}";

    Reply byEvent = json(partly()).handle(request(Map.of(), batch));
    Reply byPartition = json(partly()).handle(request(Map.of("results", "partitions"), batch));

    assertThat(byEvent.status()).isEqualTo(207);
    assertThat(text(byEvent))
        .isEqualTo(
            "{\"topic\":\"t\",\"committed\":false,\"events\":[{\"partition\":1,\"offset\":18},"
                + error
                + "]}");
    assertThat(byPartition.status()).isEqualTo(207);
    assertThat(text(byPartition)).contains("\"committed\":false", "\"0\":" + error);
  }

  @Test
  void whatIsNotCommittedIsA503ThatMayBeAppended() {
    for (RequestHandler handler :
        List.of(json(Answer.refused(LOST)), bytes(Answer.refused(LOST)))) {
      Map<String, String> query = handler instanceof PostEvents ? Map.of() : Map.of("topic", "t");
      ProblemException problem =
          catchThrowableOfType(
              ProblemException.class,
              () -> handler.handle(request(query, "{\"topic\":\"t\",\"value\":1}")));
      Reply.Whole reply = Reply.problem(problem.problem());

      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.headers()).containsEntry("Retry-After", "1");
      assertThat(text(reply))
          .contains("\"code\":\"not_committed\"", "\"retriable\":true")
          .contains("\"appended\":\"unknown\"");
    }
  }

  @Test
  void theUsualTimeoutIsTenSeconds() throws Exception {
    json(committed()).handle(request(Map.of(), "{\"topic\":\"t\",\"value\":1}"));
    bytes(committed()).handle(request(Map.of("topic", "t"), "1"));

    assertThat(asked).extracting(ProduceRequest::timeout).containsOnly(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @CsvSource({"1, true", "60000, true", "0, false", "60001, false", "-1, false", "1.5, false"})
  void aTimeoutIsFromOneMillisecondToAMinute(String timeout, boolean taken) {
    Map<String, String> query = Map.of("topic", "t", "timeout_ms", timeout);
    for (RequestHandler handler : List.of(json(committed()), bytes(committed()))) {
      asked.clear();

      Throwable refused =
          catchThrowableOfType(
              Exception.class, () -> handler.handle(request(query, "{\"value\":1}")));

      assertThat(refused == null).isEqualTo(taken);
      if (taken) {
        assertThat(asked.getFirst().timeout())
            .isEqualTo(Duration.ofMillis(Long.parseLong(timeout)));
      } else {
        assertThat(asked).isEmpty();
      }
    }
  }
}
