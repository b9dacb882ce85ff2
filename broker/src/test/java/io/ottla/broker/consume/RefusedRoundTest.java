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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private FaultyDirectory open() throws IOException {
    TestDeployment deployment = TestDeployment.open(data);
    deployment.createCluster("c1", 1);
    deployment.createTopic("t", 1);
    return new FaultyDirectory(deployment);
  }
}
