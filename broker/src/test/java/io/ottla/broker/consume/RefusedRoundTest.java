package io.ottla.broker.consume;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static io.ottla.broker.consume.Consuming.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.Answer;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.TestDeployment;
import io.ottla.broker.consume.Consuming.Poll;
import io.ottla.broker.consume.FaultyDirectory.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What callers get when the records of a decision are refused, or nobody knows. */
class RefusedRoundTest {
  @TempDir Path data;

  @Test
  void aRefusedRoundLeavesNothingOfItsDecisions() throws IOException {
    try (FaultyDirectory faulty = open();
        Consuming it = Consuming.over(faulty.deployment(), faulty)) {
      it.publish("t", 0, "a", "b");
      long id = it.poll(Poll.subscribe("t").manual()).consumerId();

      faulty.next(Fault.REFUSED);
      var refused = refusal(it.tryCommit(id));

      assertThat(refused.code()).isEqualTo(RefusalCode.COORDINATOR_CHANGED);
      assertThat(it.committed(id, 0)).isEqualTo(-1);
      assertThat(value(it.tryCommit(id)).committed())
          .containsExactly(new CommitResult.Committed("t", 0, 2));
    }
  }

  @Test
  void nothingIsDecidedUntilAnUnknownRoundIsKnown() throws IOException {
    try (FaultyDirectory faulty = open();
        Consuming it = Consuming.over(faulty.deployment(), faulty)) {
      it.publish("t", 0, "a", "b");
      PollResult first = it.poll(Poll.subscribe("t").manual());
      long id = first.consumerId();

      var upTo = new CommitRequest.UpToCursor(id, first.cursor());
      for (Fault fault : List.of(Fault.LOST, Fault.LOST_BUT_APPLIED)) {
        faulty.next(fault);
        assertThat(refusal(it.commits.commit(upTo)).code())
            .isEqualTo(RefusalCode.COORDINATOR_CHANGED);
        await().until(() -> it.tryPoll(Poll.as(id)) instanceof Answer.Ok<?>);
        assertThat(it.committed(id, 0)).isEqualTo(fault == Fault.LOST ? -1 : 2);
      }
      it.publish("t", 0, "c");
      assertThat(texts(it.poll(Poll.as(id)))).containsExactly("c");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"THROWN", "ERROR"})
  void aCoordinatorWhoseSendingThrowsAnswersAndDecidesAgain(Fault fault) throws IOException {
    try (FaultyDirectory faulty = open();
        Consuming it = Consuming.over(faulty.deployment(), faulty)) {
      it.publish("t", 0, "a", "b");
      long id = it.poll(Poll.subscribe("t").manual()).consumerId();

      faulty.next(fault);
      assertThat(refusal(it.tryCommit(id)).code()).isEqualTo(RefusalCode.COORDINATOR_CHANGED);

      await().until(() -> it.tryPoll(Poll.as(id)) instanceof Answer.Ok<?>);
      assertThat(value(it.tryCommit(id)).committed())
          .containsExactly(new CommitResult.Committed("t", 0, 2));
      assertThat(it.committed(id, 0)).isEqualTo(2);
    }
  }

  @Test
  void aConsumerWhoseJoinIsRefusedIsForgotten() throws IOException {
    try (FaultyDirectory faulty = open();
        Consuming it = Consuming.over(faulty.deployment(), faulty)) {
      faulty.next(Fault.REFUSED);

      assertThat(refusal(it.tryCreate(Optional.of("g"), "t")).code())
          .isEqualTo(RefusalCode.COORDINATOR_CHANGED);

      var cluster = faulty.deployment().deployment().clusters().getFirst();
      await().until(() -> cluster.view().consumers().isEmpty());
      assertThat(value(it.groups.all(Optional.empty()))).isEmpty();
    }
  }

  @Test
  void aConsumerWhoseDeletionIsRefusedGoesOnWhereItWas() throws IOException {
    try (FaultyDirectory faulty = open();
        Consuming it = Consuming.over(faulty.deployment(), faulty)) {
      it.publish("t", 0, "a", "b");
      long id = it.poll(Poll.subscribe("t").manual()).consumerId();

      faulty.next(Fault.REFUSED);
      assertThat(refusal(it.deletes.delete(id)).code()).isEqualTo(RefusalCode.COORDINATOR_CHANGED);

      it.publish("t", 0, "c");
      assertThat(texts(it.poll(Poll.as(id).manual()))).containsExactly("c");
    }
  }

  @Test
  void aPollThatIsRefusedEndsNoStream() throws Exception {
    try (FaultyDirectory faulty = open();
        Consuming it = Consuming.over(faulty.deployment(), faulty)) {
      faulty.deployment().createTopic("u", 1);
      it.publish("t", 0, "a");
      Poll first = Poll.subscribe("t").manual();
      try (EventStream stream = value(it.streams.open(Consuming.request(first)))) {
        value(stream.next(Duration.ofSeconds(20)));
        var another =
            new Poll(
                Optional.of("u"),
                Optional.of(stream.consumerId().orElseThrow()),
                first.group(),
                first.cursor(),
                first.autoCommit(),
                first.limits(),
                first.from());

        faulty.next(Fault.REFUSED);
        assertThat(refusal(it.tryPoll(another)).code()).isEqualTo(RefusalCode.COORDINATOR_CHANGED);

        it.publish("t", 0, "b");
        var part = value(stream.next(Duration.ofSeconds(20)));
        assertThat(
                part.records().stream()
                    .flatMap(records -> records.records().stream())
                    .map(Consuming::text))
            .containsExactly("b");
      }
    }
  }

  private FaultyDirectory open() throws IOException {
    TestDeployment deployment = TestDeployment.open(data);
    deployment.createCluster("c1", 1);
    deployment.createTopic("t", 1);
    return new FaultyDirectory(deployment);
  }
}
