package io.ottla.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.replication.ReplicationGroup.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RoundUnderWayTest {
  private static final Duration BRIEF = Duration.ofMillis(1);
  private final CompletableFuture<Outcome> submission = new CompletableFuture<>();
  private final RoundUnderWay round = new RoundUnderWay(7, submission);

  @Test
  void whatIsGivenUpIsUnknownAndItsSubmissionIsLeftAlone() {
    round.giveUpAfter(BRIEF);

    assertThat(round.await()).isInstanceOf(Outcome.Unknown.class);
    assertThat(submission).isNotDone();
  }

  @Test
  void anOutcomeThatComesInTimeCounts() {
    Outcome refused = new Outcome.NotAppended("by the test");
    round.giveUpAfter(Duration.ofMinutes(1));

    submission.complete(refused);

    assertThat(round.await()).isEqualTo(refused);
  }

  @Test
  void anInterruptLeavesNobodyWithoutAnOutcome() {
    Outcome refused = new Outcome.NotAppended("by the test");
    CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS)
        .execute(() -> submission.complete(refused));

    Thread.currentThread().interrupt();
    try {
      assertThat(round.await()).isEqualTo(refused);
    } finally {
      var _ = Thread.interrupted();
    }
  }
}
