package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Elections that die because a vote cannot be written, as on a full disk. */
class LostElectionTest {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(20);

  @TempDir private Path data;

  @Test
  void aGroupWhoseVotesCouldNotBeWrittenElectsOnceTheyCan() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      assertThat(publish(deployment, Duration.ofSeconds(10))).isInstanceOf(Answer.Ok.class);
      List<Path> obstacles = obstructVotes();

      value(new ControlBroker(deployment.deployment()).stop("c1", 1, StopMode.CRASH));
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(6))
          .until(() -> publish(deployment, Duration.ofMillis(100)) instanceof Answer.Refused<?>);
      for (Path obstacle : obstacles) {
        Files.delete(obstacle);
      }

      await()
          .dontCatchUncaughtExceptions()
          .atMost(BACK_WITHIN)
          .until(() -> publish(deployment, Duration.ofMillis(500)) instanceof Answer.Ok<?>);
      await().atMost(BACK_WITHIN).until(() -> running(deployment) == 2);
    }
  }

  private static long running(TestDeployment deployment) {
    return deployment.deployment().all().getFirst().brokers().stream()
        .filter(broker -> broker.state() == ClusterDescription.BrokerState.RUNNING)
        .count();
  }

  /** Directories where the votes' temporary files belong. */
  private List<Path> obstructVotes() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      List<Path> obstacles =
          files
              .filter(file -> file.endsWith("raft-meta"))
              .map(file -> file.resolveSibling("raft-meta.tmp"))
              .toList();
      for (Path obstacle : obstacles) {
        Files.createDirectory(obstacle);
      }
      assertThat(obstacles).hasSize(12);
      return obstacles;
    }
  }

  /** To the partition whose group broker 1 leads. */
  private static Answer<ProduceResult> publish(TestDeployment deployment, Duration timeout) {
    ByteBuffer bytes = ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8));
    var event =
        new ProduceRequest.Event(0, null, bytes, List.of(), ProduceRequest.Event.NO_TIMESTAMP);
    return new ProduceEvents(deployment.deployment(), InstantSource.system())
        .produce(
            new ProduceRequest(Optional.empty(), "t", List.of(event), timeout, Optional.empty()));
  }
}
