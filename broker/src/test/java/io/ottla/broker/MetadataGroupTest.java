package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.metadata.ClusterView;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.TopicConfig;
import io.ottla.replication.ReplicationGroup;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of metadata commands whose fate the group does not know. */
class MetadataGroupTest {
  private static final TopicConfig CONFIG = new TopicConfig(-1, -1, 1 << 20, "lz4", "delete", 1000);
  private static final Duration TIMEOUT = Duration.ofMillis(200);

  /** Loses track of all that is submitted. */
  private static final class Forgetful implements ReplicationGroup {
    private final AtomicInteger submitted = new AtomicInteger();

    @Override
    public int number() {
      return 0;
    }

    @Override
    public Optional<Leadership> leadership() {
      return Optional.of(new Leadership(1, 1));
    }

    @Override
    public CompletableFuture<Outcome> submit(long term, ByteBuffer payload) {
      submitted.incrementAndGet();
      return CompletableFuture.completedFuture(new Outcome.Unknown("lost by the test"));
    }

    @Override
    public void onLeadershipChange(Runnable listener) {}
  }

  @Test
  void aCommandThatMayHaveBeenDoneIsNotSentAgainIfTwiceIsNotAsGoodAsOnce() {
    for (MetadataCommand command :
        List.of(
            new MetadataCommand.RegisterConsumer(Optional.empty()),
            new MetadataCommand.RegisterProducer("web-1"),
            new MetadataCommand.AlterTopic(new UUID(1, 2), CONFIG, 3))) {
      Forgetful group = new Forgetful();

      assertThat(refusal(group, command)).isEqualTo(RefusalCode.NOT_COMMITTED);

      assertThat(group.submitted).as(command.toString()).hasValue(1);
    }
  }

  @Test
  void aCommandThatMayBeDoneTwiceIsSentAgain() {
    Forgetful group = new Forgetful();

    assertThat(refusal(group, new MetadataCommand.ForgetConsumer(7)))
        .isEqualTo(RefusalCode.NOT_COMMITTED);

    assertThat(group.submitted).hasValueGreaterThan(1);
  }

  private static RefusalCode refusal(ReplicationGroup group, MetadataCommand command) {
    MetadataGroup metadata = new MetadataGroup(group, ClusterView.empty(), _ -> {});
    return TestDeployment.refusal(metadata.submit(command, TIMEOUT)).code();
  }
}
