package io.ottla.http.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.Answer;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.consume.EventStream;
import io.ottla.broker.consume.FetchRequest;
import io.ottla.broker.consume.FetchResult;
import io.ottla.broker.consume.PollRequest;
import io.ottla.broker.consume.PollResult;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a refusal becomes, by the form that was asked for. */
class GetEventsTest {
  /** Every read is refused. */
  private record Refusing(RefusalCode code) implements GetEvents.Reads {
    @Override
    public Answer<FetchResult> fetch(FetchRequest request) {
      return Answer.refused(code, "by the test");
    }

    @Override
    public Answer<PollResult> poll(PollRequest request) {
      return Answer.refused(code, "by the test");
    }

    @Override
    public Answer<EventStream> stream(FetchRequest request) {
      return Answer.refused(code, "by the test");
    }

    @Override
    public Answer<EventStream> stream(PollRequest request) {
      return Answer.refused(code, "by the test");
    }
  }

  private static Request request(String accept) {
    return new Request(
        List.of(),
        Map.of("topic", "t"),
        RequestHeaders.of(Map.of("Accept", accept)),
        new byte[0],
        0);
  }

  @Test
  void aBrowserIsNotSentAwayForGoodByWhatPasses() throws Exception {
    Reply reply =
        new GetEvents(new Refusing(RefusalCode.NO_LEADER)).handle(request("text/event-stream"));

    assertThat(reply).isInstanceOf(Reply.Streamed.class);
    assertThat(reply.status()).isEqualTo(200);
  }

  @Test
  void othersAreToldByTheStatus() {
    for (String accept : List.of("application/json", "application/x-ndjson")) {
      assertThatThrownBy(
              () -> new GetEvents(new Refusing(RefusalCode.NO_LEADER)).handle(request(accept)))
          .isInstanceOfSatisfying(
              ProblemException.class, e -> assertThat(e.problem().status()).isEqualTo(503));
    }
    assertThatThrownBy(
            () ->
                new GetEvents(new Refusing(RefusalCode.TOPIC_NOT_FOUND))
                    .handle(request("text/event-stream")))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().status()).isEqualTo(404));
  }
}
