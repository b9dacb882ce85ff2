package io.ottla.broker;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceStream;
import io.ottla.broker.produce.ProducerSequence;
import io.ottla.broker.produce.RegisterProducer;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.broker.store.PartitionStore;
import io.ottla.disk.SystemDisk;
import io.ottla.replication.ReplicationSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The same sequence again, after everything that may happen in between. */
@Execution(ExecutionMode.CONCURRENT)
class RetrySafetyTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int PARTITIONS = 3;

  @TempDir Path data;

  private final AtomicLong nowMs = new AtomicLong(System.currentTimeMillis());
  private final InstantSource clock = new TestTime(nowMs::get);

  @Test
  void aRetryIsAnsweredAsItsFirstTryAfterALeaderChangeACheckpointAndARestart() throws IOException {
    long producer;
    List<ProduceResult> first = new ArrayList<>();
    try (var deployment = TestDeployment.open(config())) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", PARTITIONS);
      producer = register(deployment);
      for (long sequence = 0; sequence < 20; sequence++) {
        first.add(value(publish(deployment, producer, sequence, "v" + sequence)));
      }

      nowMs.addAndGet(5_000);
      assertThat(again(deployment, producer)).isEqualTo(first);
      value(new ControlBroker(deployment.deployment()).stop("c1", 1, StopMode.CRASH));
      assertThat(again(deployment, producer)).as("another leader").isEqualTo(first);
      value(new ControlBroker(deployment.deployment()).start("c1", 1));
      checkpoint(deployment);
      value(new ControlBroker(deployment.deployment()).stop("c1", 2, StopMode.CRASH));
      value(new ControlBroker(deployment.deployment()).start("c1", 2));
      assertThat(again(deployment, producer)).as("a checkpoint").isEqualTo(first);
    }
    try (var deployment = TestDeployment.open(config())) {
      deployment.awaitReady();

      assertThat(again(deployment, producer)).as("a restart").isEqualTo(first);
      assertThat(events(deployment)).isEqualTo(20);
      Refusal reused = refusal(publish(deployment, producer, 3, "something else"));
      assertThat(reused.code()).isEqualTo(RefusalCode.SEQUENCE_REUSED);
      assertThat(reused.attributes()).containsEntry("appended", false);
      assertThat(register(deployment)).isGreaterThan(producer);
    }
  }

  @Test
  void aReplicaThatIsRebuiltRemembersToo() throws IOException {
    long producer;
    List<ProduceResult> first = new ArrayList<>();
    try (var deployment = TestDeployment.open(config())) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", PARTITIONS);
      producer = register(deployment);
      for (long sequence = 0; sequence < 20; sequence++) {
        first.add(value(publish(deployment, producer, sequence, "v" + sequence)));
      }
    }
    new SystemDisk().deleteTree(data.resolve("c1/broker-2"));

    try (var deployment = TestDeployment.open(config())) {
      deployment.awaitReady();
      AckedEvents.awaitWhole(deployment, "c1", 2);
      value(new ControlBroker(deployment.deployment()).stop("c1", 1, StopMode.CRASH));

      assertThat(again(deployment, producer)).isEqualTo(first);
      assertThat(events(deployment)).isEqualTo(20);
    }
  }

  @Test
  void aProducerThatWasIdleForSevenDaysIsRefusedAndNothingIsDoubled() throws IOException {
    long idle;
    long busy;
    try (var deployment = TestDeployment.open(config())) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", PARTITIONS);
      idle = register(deployment);
      busy = register(deployment);
      value(publish(deployment, idle, 1, "idle"));
      value(publish(deployment, busy, 1, "busy"));
      nowMs.addAndGet(Duration.ofDays(7).toMillis() - 1);
      value(publish(deployment, busy, 1, "busy"));
      sweep(deployment);
      value(publish(deployment, idle, 1, "idle"));
      nowMs.addAndGet(Duration.ofDays(7).toMillis() - 1);
      value(publish(deployment, busy, 1, "busy"));
      nowMs.addAndGet(2);
      TestDeployment.untilDone(() -> sweep(deployment), () -> !remembers(deployment, idle));

      assertThat(expired(publish(deployment, idle, 1, "idle"))).isTrue();
      assertThat(expired(publish(deployment, idle, 2, "more"))).isTrue();
      value(publish(deployment, busy, 1, "busy"));
      assertThat(remembers(deployment, idle)).isFalse();
      assertThat(remembers(deployment, busy)).isTrue();
    }
    try (var deployment = TestDeployment.open(config())) {
      deployment.awaitReady();

      assertThat(expired(publish(deployment, idle, 1, "idle"))).isTrue();
      value(publish(deployment, busy, 1, "busy"));
      assertThat(events(deployment)).isEqualTo(2);
    }
  }

  @Test
  void aPartitionRemembersTheLast1024SequencesOfEachProducerAndRefusesOlderOnes()
      throws IOException {
    try (var deployment = TestDeployment.open(config())) {
      deployment.createCluster("c1", 1);
      deployment.createTopic("t", 1);
      long busy = register(deployment);
      long calm = register(deployment);
      ProduceResult ofCalm = value(publish(deployment, calm, 0, "calm"));
      ProduceResult second = null;
      for (long sequence = 0; sequence < 1025; sequence++) {
        ProduceResult result = value(publish(deployment, busy, sequence, "busy"));
        second = sequence == 1 ? result : second;
      }

      assertThat(value(publish(deployment, busy, 1, "busy"))).isEqualTo(second);
      for (String text : List.of("busy", "something else")) {
        Refusal refusal = refusal(publish(deployment, busy, 0, text));
        assertThat(refusal.code()).isEqualTo(RefusalCode.SEQUENCE_TOO_OLD);
        assertThat(refusal.attributes()).containsEntry("appended", "unknown");
        Refusal ofStream = uploadRefusal(deployment, busy, text);
        assertThat(ofStream.code()).isEqualTo(RefusalCode.SEQUENCE_TOO_OLD);
        assertThat(ofStream.attributes()).containsEntry("appended", "unknown");
      }
      assertThat(value(publish(deployment, calm, 0, "calm"))).isEqualTo(ofCalm);
      assertThat(events(deployment)).isEqualTo(1026);
    }
  }

  /** Why a stream of one line is refused under sequence 0. */
  private Refusal uploadRefusal(TestDeployment deployment, long producer, String text) {
    ProduceStream stream =
        value(
            new ProduceEvents(deployment.deployment(), clock)
                .open(
                    new ProduceEvents.StreamRequest(
                        Optional.empty(),
                        "t",
                        TIMEOUT,
                        Optional.of(new ProducerSequence(producer, 0)))));
    return stream.append(List.of(new ProduceStream.NumberedEvent(0, event(0, text)))).orElseThrow();
  }

  @Test
  void aProducerOfNobodyOrOfAnotherClusterIsUnknown() throws IOException {
    try (var deployment = TestDeployment.open(config())) {
      deployment.createCluster("c1", 1);
      deployment.createTopic("t", PARTITIONS);
      long producer = register(deployment);
      deployment.createCluster("c2", 1);
      long other =
          value(
                  new RegisterProducer(deployment.deployment())
                      .register(Optional.of("c2"), "another cluster's"))
              .id();

      for (long id : new long[] {producer + 1, other, 0, -1, 1L << 40}) {
        Refusal refusal = refusal(publish(deployment, id, 1, "x"));
        assertThat(refusal.code()).as("%d", id).isEqualTo(RefusalCode.UNKNOWN_PRODUCER);
        assertThat(refusal.attributes()).containsEntry("appended", false);
      }
      assertThat(events(deployment)).isZero();
    }
  }

  private static boolean expired(Answer<ProduceResult> answer) {
    Refusal refusal = refusal(answer);
    assertThat(refusal.attributes()).containsEntry("appended", "unknown");
    return refusal.code() == RefusalCode.PRODUCER_EXPIRED;
  }

  private static boolean remembers(TestDeployment deployment, long producer) {
    return cluster(deployment).dataGroups().stream()
        .anyMatch(group -> leaderStore(group).producersLastUsedMs().containsKey(producer));
  }

  /** Leadership may be on its way back to the preferred broker. */
  private static PartitionStore leaderStore(ClusterDataGroup group) {
    return Awaitility.await()
        .atMost(TIMEOUT)
        .until(group::leaderStore, Optional::isPresent)
        .orElseThrow();
  }

  private static Cluster cluster(TestDeployment deployment) {
    return deployment.deployment().all().getFirst();
  }

  private static void sweep(TestDeployment deployment) {
    deployment.awaitReady();
    cluster(deployment).producerExpiry().sweep();
  }

  private static void checkpoint(TestDeployment deployment) throws IOException {
    Cluster cluster = cluster(deployment);
    for (Broker broker : cluster.brokers()) {
      for (int group = 1; group <= 3; group++) {
        broker.raft().orElseThrow().checkpoint(group);
      }
    }
  }

  private List<ProduceResult> again(TestDeployment deployment, long producer) {
    List<ProduceResult> results = new ArrayList<>();
    for (long sequence = 0; sequence < 20; sequence++) {
      results.add(value(publish(deployment, producer, sequence, "v" + sequence)));
    }
    return results;
  }

  /** Every third has a key; the others' partition follows from their sequence. */
  private Answer<ProduceResult> publish(
      TestDeployment deployment, long producer, long sequence, String text) {
    return new ProduceEvents(deployment.deployment(), clock)
        .produce(
            new ProduceRequest(
                Optional.empty(),
                "t",
                List.of(event(sequence, text)),
                TIMEOUT,
                Optional.of(new ProducerSequence(producer, sequence))));
  }

  private static Event event(long sequence, String text) {
    ByteBuffer key = sequence % 3 == 0 ? ByteBuffer.wrap(("k" + sequence).getBytes(UTF_8)) : null;
    ByteBuffer value = ByteBuffer.wrap(text.getBytes(UTF_8));
    return new Event(null, key, value, List.of(), Event.NO_TIMESTAMP);
  }

  private static long register(TestDeployment deployment) {
    return value(new RegisterProducer(deployment.deployment()).register(Optional.of("c1"), "web-1"))
        .id();
  }

  private static long events(TestDeployment deployment) {
    long events = 0;
    for (var group : cluster(deployment).dataGroups()) {
      events += events(leaderStore(group));
    }
    return events;
  }

  private static long events(PartitionStore store) {
    return store.partitions().stream()
        .filter(replica -> replica.topicName().equals("t"))
        .mapToLong(PartitionReplica::endOffset)
        .sum();
  }

  private Deployment.Config config() {
    return new Deployment.Config(
        List.of(data),
        "127.0.0.1",
        8080,
        new SystemDisk(),
        clock,
        new BrokerSettings(
            ReplicationSettings.forTests(), 100, 50, Duration.ofHours(1), Duration.ofMillis(50)));
  }
}
