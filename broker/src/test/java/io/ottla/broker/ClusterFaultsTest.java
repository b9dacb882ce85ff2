package io.ottla.broker;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.disk.SystemDisk;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.StoredRecord;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Brokers come and go under a cluster; what was acked stays, once, at its offset, the same on every
 * replica.
 */
@Execution(ExecutionMode.CONCURRENT)
class ClusterFaultsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir Path data;

  private final Map<String, String> acked = new HashMap<>();
  private int counter;

  @Test
  void aCrashedBrokerIsMissedByNobody() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      publish(deployment, 30);

      value(new ControlBroker(deployment.deployment()).stop("c1", 1, StopMode.CRASH));
      publish(deployment, 30);
      value(new ControlBroker(deployment.deployment()).start("c1", 1));
      publish(deployment, 30);

      awaitEqualReplicas(deployment);
      assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked);
    }
  }

  @Test
  void brokersAreRestartedInTurnWithoutALostEvent() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      for (int broker = 1; broker <= 3; broker++) {
        publish(deployment, 10);
        value(new ControlBroker(deployment.deployment()).stop("c1", broker, StopMode.CLEAN));
        publish(deployment, 10);
        value(new ControlBroker(deployment.deployment()).start("c1", broker));
      }

      awaitEqualReplicas(deployment);
      assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked);
    }
  }

  @Test
  void withoutAMajorityNothingIsAckedAndTheRefusalTellsTheTruth() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      publish(deployment, 30);
      awaitEqualReplicas(deployment);
      var control = new ControlBroker(deployment.deployment());

      value(control.stop("c1", 2, StopMode.CRASH));
      value(control.stop("c1", 3, StopMode.CRASH));
      await().until(() -> new Readiness(deployment.deployment()).reasonsNotReady().size() == 4);
      Refusal refused = refusal(tryPublish(deployment, "refused", Duration.ofMillis(300)));
      Map<String, String> readable = readAll(deployment);
      value(control.start("c1", 2));
      value(control.start("c1", 3));
      publish(deployment, 30);
      awaitEqualReplicas(deployment);

      assertThat(refused.attributes()).containsEntry("appended", false);
      assertThat(refused.code().retriable()).isTrue();
      assertThat(readable).hasSize(30);
      assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked);
    }
  }

  @Test
  void aBrokerThatWasAwayLongerThanTheJournalIsKeptIsRebuilt() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      publish(deployment, 30);

      value(new ControlBroker(deployment.deployment()).stop("c1", 3, StopMode.CRASH));
      for (int i = 0; i < 40; i++) {
        publishLarge(deployment);
      }
      value(new ControlBroker(deployment.deployment()).start("c1", 3));
      publish(deployment, 30);

      awaitEqualReplicas(deployment);
      assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked);
    }
  }

  @Test
  void aBrokerWhoseDirectoryWasLostIsRebuiltFromTheOthers() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      publish(deployment, 30);
    }
    new SystemDisk().deleteTree(data.resolve("c1/broker-2"));

    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      publish(deployment, 30);

      awaitEqualReplicas(deployment);
      assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked);
    }
  }

  private void publish(TestDeployment deployment, int count) {
    for (int i = 0; i < count; i++) {
      String text = "event-" + counter++;
      remember(text, value(tryPublish(deployment, text, TIMEOUT)));
    }
  }

  private void publishLarge(TestDeployment deployment) {
    String text =
        "event-"
            + counter++
            + "-"
            + new Random(counter)
                .ints(20_000, 33, 127)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
    remember(text, value(tryPublish(deployment, text, TIMEOUT)));
  }

  private void remember(String text, ProduceResult result) {
    var committed = (ProduceResult.EventResult.Committed) result.events().getFirst();
    acked.put(committed.partition() + "@" + committed.offset(), text);
  }

  private static Answer<ProduceResult> tryPublish(
      TestDeployment deployment, String text, Duration timeout) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    var event =
        new ProduceRequest.Event(null, null, bytes, List.of(), ProduceRequest.Event.NO_TIMESTAMP);
    return new ProduceEvents(deployment.deployment(), InstantSource.system())
        .produce(
            new ProduceRequest(Optional.empty(), "t", List.of(event), timeout, Optional.empty()));
  }

  /** A replica that is being rebuilt cannot be read for a moment. */
  private static void awaitEqualReplicas(TestDeployment deployment) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreException(UncheckedIOException.class)
        .untilAsserted(() -> assertEqualReplicas(deployment));
  }

  private static void assertEqualReplicas(TestDeployment deployment) {
    Cluster cluster = deployment.deployment().all().getFirst();
    Topic topic = cluster.view().topic("t").orElseThrow();
    for (int partition = 0; partition < topic.partitions(); partition++) {
      ClusterDataGroup group = cluster.dataGroup(topic.groupOfPartition().get(partition));
      // Leadership may be on its way back to the preferred broker.
      Optional<PartitionReader> leader = group.leaderReader();
      assertThat(leader).isPresent();
      List<String> led = texts(leader.orElseThrow(), topic, partition);
      for (Broker broker : group.replicas()) {
        assertThat(broker.store(group.number())).isPresent();
        PartitionReader replica = broker.store(group.number()).orElseThrow().reader();
        assertThat(replica.extent(topic.id(), partition)).isPresent();
        assertThat(texts(replica, topic, partition)).isEqualTo(led);
      }
    }
  }

  private static Map<String, String> readAll(TestDeployment deployment) {
    Cluster cluster = deployment.deployment().all().getFirst();
    Topic topic = cluster.view().topic("t").orElseThrow();
    Map<String, String> read = new HashMap<>();
    for (int partition = 0; partition < topic.partitions(); partition++) {
      DataGroup group = cluster.dataGroup(topic.groupOfPartition().get(partition));
      PartitionReader reader = group.leaderReader().or(group::surestReader).orElseThrow();
      List<String> texts = texts(reader, topic, partition);
      for (int offset = 0; offset < texts.size(); offset++) {
        read.put(partition + "@" + offset, texts.get(offset));
      }
    }
    return read;
  }

  private static List<String> texts(PartitionReader reader, Topic topic, int partition) {
    List<String> texts = new ArrayList<>();
    try {
      while (true) {
        var read =
            (PartitionRead.Batches) reader.read(topic.id(), partition, texts.size(), 1 << 20);
        if (!read.bytes().hasRemaining()) {
          return texts;
        }
        for (RecordBatch batch : RecordBatches.in(read.bytes())) {
          for (StoredRecord record : batch.records()) {
            assertThat(record.offset()).isEqualTo(texts.size());
            texts.add(StandardCharsets.UTF_8.decode(record.value().duplicate()).toString());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
