package io.ottla.broker.consume;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static io.ottla.broker.consume.Consuming.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.Answer;
import io.ottla.broker.ControlBroker;
import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.consume.Consuming.Poll;
import io.ottla.broker.store.DataCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Consumers whose brokers come and go. */
@Execution(ExecutionMode.CONCURRENT)
class ConsumeThroughFaultsTest {
  @TempDir Path data;

  @Test
  void afterARestartAConsumerStartsAtItsCommit() throws IOException {
    long id;
    String cursor;
    try (Consuming it = Consuming.open(data)) {
      it.deployment.createCluster("c1", 1);
      it.deployment.createTopic("t", 1);
      it.publish("t", 0, "a", "b", "c");
      PollResult first = it.poll(Poll.subscribe("t").manual().within(1, Duration.ZERO));
      id = first.consumerId();
      value(it.tryCommit(id));
      PollResult second = it.poll(Poll.as(id).within(1, Duration.ZERO));
      cursor = second.cursor();
    }

    try (Consuming it = Consuming.open(data)) {
      it.deployment.awaitReady();

      assertThat(refusal(it.tryCommit(id)).code()).isEqualTo(RefusalCode.POSITION_LOST);
      assertThat(it.committed(id, 0)).isEqualTo(1);
      assertThat(texts(it.poll(Poll.as(id)))).containsExactly("b", "c");
      assertThat(texts(it.poll(Poll.as(id).after(cursor)))).containsExactly("c");
      assertThat(value(it.tryCommit(id)).committed())
          .containsExactly(new CommitResult.Committed("t", 0, 3));
    }
  }

  @Test
  void aConsumerGoesOnWhenTheCoordinatorsBrokerCrashes() throws IOException {
    try (Consuming it = Consuming.open(data)) {
      it.deployment.createCluster("c1", 3);
      it.deployment.createTopic("t", 3);
      for (int partition = 0; partition < 3; partition++) {
        it.publish("t", partition, "a" + partition, "b" + partition);
      }
      PollResult first = it.poll(Poll.subscribe("t").manual());
      long id = first.consumerId();
      value(it.tryCommit(id));
      int leader = coordinatorBroker(it, first.group());
      var waiting =
          Consuming.meanwhile(() -> it.tryPoll(Poll.as(id).within(10, Duration.ofSeconds(30))));
      await()
          .until(
              () ->
                  it.coordinators
                      .of(cluster(it), first.group())
                      .polls()
                      .isWaiting(Long.toString(id)));

      value(new ControlBroker(it.deployment.deployment()).stop("c1", leader, StopMode.CRASH));
      for (int partition = 0; partition < 3; partition++) {
        it.publish("t", partition, "c" + partition);
      }

      List<String> seen = new ArrayList<>();
      if (waiting.join() instanceof Answer.Ok<PollResult>(PollResult result)) {
        seen.addAll(texts(result));
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                if (it.tryPoll(Poll.as(id)) instanceof Answer.Ok<PollResult>(PollResult result)) {
                  seen.addAll(texts(result));
                }
                return seen.size() >= 3;
              });
      assertThat(seen).containsExactlyInAnyOrder("c0", "c1", "c2");
      assertThat(retried(() -> it.tryCommit(id)).committed()).hasSize(3);
      assertThat(it.committed(id, 0)).isEqualTo(3);
    }
  }

  @Test
  void requestsToTheCoordinatorWaitForTheNextLeader() throws IOException {
    try (Consuming it = Consuming.open(data)) {
      it.deployment.createCluster("c1", 3);
      it.deployment.createTopic("t", 3);
      it.publish("t", 0, "a", "b");
      PollResult first = it.poll(Poll.subscribe("t").manual());
      long id = first.consumerId();
      int leader = coordinatorBroker(it, first.group());

      value(new ControlBroker(it.deployment.deployment()).stop("c1", leader, StopMode.CRASH));

      var upTo = new CommitRequest.UpToCursor(id, first.cursor());
      assertThat(value(it.commits.commit(upTo)).committed()).hasSize(3);
    }
  }

  @Test
  void descriptionsWaitForTheNextLeader() throws IOException {
    try (Consuming it = Consuming.open(data)) {
      it.deployment.createCluster("c1", 3);
      it.deployment.createTopic("t", 3);
      PollResult first = it.poll(Poll.subscribe("t").manual());
      long id = first.consumerId();
      int leader = coordinatorBroker(it, first.group());

      value(new ControlBroker(it.deployment.deployment()).stop("c1", leader, StopMode.CRASH));

      assertThat(value(it.groups.one(Optional.empty(), first.group())).partitions()).hasSize(3);
      assertThat(value(it.consumers.describe(id)).membership().assignment()).hasSize(3);
    }
  }

  @Test
  void aPositionThatFellBelowTheStartIsSaid() throws IOException {
    try (Consuming it = Consuming.open(data)) {
      it.deployment.createCluster("c1", 1);
      it.deployment.createTopic("t", 1);
      it.publish("t", 0, "a", "b", "c");
      long id = it.poll(Poll.subscribe("t").within(1, Duration.ZERO)).consumerId();
      ServingCluster cluster = cluster(it);
      var trim = new DataCommand.TrimFront(cluster.view().topic("t").orElseThrow().id(), 0, 3);
      cluster.dataGroup(1).accumulator().submit(List.of(trim)).join();
      it.publish("t", 0, "d");

      PollResult result = it.poll(Poll.as(id));

      assertThat(texts(result)).containsExactly("d");
      assertThat(result.skipped())
          .containsExactly(new PollResult.Skipped(new PollResult.TopicPartition("t", 0), 1, 3));
    }
  }

  private static int coordinatorBroker(Consuming it, String group) {
    ServingCluster cluster = cluster(it);
    int number = GroupCoordinators.dataGroupOf(group, cluster.dataGroups().size());
    return await()
        .until(cluster.dataGroup(number).replication()::leadership, Optional::isPresent)
        .orElseThrow()
        .brokerId();
  }

  private static ServingCluster cluster(Consuming it) {
    return it.deployment.deployment().clusters().getFirst();
  }

  private static <T> T retried(Supplier<Answer<T>> use) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> use.get() instanceof Answer.Ok<T>(T value) ? value : null,
            value -> value != null);
  }
}
