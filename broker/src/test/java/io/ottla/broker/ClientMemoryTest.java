package io.ottla.broker;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.consume.ConsumerMembership;
import io.ottla.broker.consume.ConsumerSettings;
import io.ottla.broker.consume.CreateConsumer;
import io.ottla.broker.consume.GroupCoordinators;
import io.ottla.broker.consume.StartFrom;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProducerSequence;
import io.ottla.broker.produce.RegisterProducer;
import io.ottla.broker.store.ProducerMemory;
import io.ottla.disk.SystemDisk;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.Producer;
import io.ottla.replication.ReplicationSettings;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose clients have filled the memory that is theirs: neighbours are served. */
class ClientMemoryTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final long PLENTY = 1L << 30;

  @TempDir Path data;

  private final AtomicLong nowMs = new AtomicLong(System.currentTimeMillis());
  private final InstantSource clock = new TestTime(nowMs::get);

  @Test
  void aProducerTooManyIsRefusedUntilUnusedOnesAreForgotten() throws IOException {
    try (var deployment = open(new MemoryLimits(PLENTY, 4, 10))) {
      List<Long> producers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        producers.add(value(register(deployment)).id());
      }
      value(publish(deployment, producers.getFirst(), 1, "used"));

      Refusal refusal = refusal(register(deployment));

      assertThat(refusal.code()).isEqualTo(RefusalCode.TOO_MANY_PRODUCERS);
      assertThat(refusal.code().retriable()).isTrue();
      assertThat(refusal.attributes())
          .containsEntry("appended", false)
          .containsKey("retry_after_seconds");
      value(publish(deployment, producers.get(1), 1, "there before"));

      nowMs.addAndGet(ProducerExpiry.UNUSED.toMillis() + 1);
      TestDeployment.untilDone(
          () -> cluster(deployment).producerExpiry().sweep(),
          () -> cluster(deployment).view().producers().size() == 2);
      value(register(deployment));
      value(publish(deployment, producers.getFirst(), 1, "used"));
    }
  }

  @Test
  void aProducerThatBeginsWithAPartitionIsRefusedWhileMemoryIsFullAndOthersGoOn()
      throws IOException {
    try (var deployment = open(new MemoryLimits(6_000, 1_000, 10))) {
      ProducerMemory memory = cluster(deployment).producerMemory();
      List<Long> accepted = new ArrayList<>();
      Answer<ProduceResult> answer = null;
      long last = -1;
      while (!(answer instanceof Answer.Refused<ProduceResult>) && accepted.size() < 100) {
        last = value(register(deployment)).id();
        answer = publish(deployment, last, 1, "first");
        accepted.add(last);
      }

      Refusal refusal = refusal(answer);
      accepted.remove(last);
      assertThat(accepted).hasSizeGreaterThan(3);
      assertThat(refusal.code()).isEqualTo(RefusalCode.TOO_MANY_PRODUCERS);
      assertThat(refusal.attributes()).containsEntry("appended", false);
      assertThat(memory.isFull()).isTrue();
      for (long producer : accepted) {
        value(publish(deployment, producer, 2, "goes on"));
        value(publish(deployment, producer, 1, "first"));
      }
      value(publishWithout(deployment));

      nowMs.addAndGet(ProducerExpiry.IDLE.toMillis() + 1);
      long again = value(register(deployment)).id();
      TestDeployment.untilDone(
          () -> cluster(deployment).producerExpiry().sweep(),
          () -> publish(deployment, again, 1, "room again") instanceof Answer.Ok<ProduceResult>);
      assertThat(refusal(publish(deployment, last, 1, "first")).code())
          .isEqualTo(RefusalCode.PRODUCER_EXPIRED);
    }
  }

  @Test
  void whileMemoryIsShortOldSequencesAreForgottenAndNothingIsDoubled() throws IOException {
    try (var deployment = open(new MemoryLimits(9_000, 1_000, 10))) {
      Cluster cluster = cluster(deployment);
      long idle = value(register(deployment)).id();
      long busy = value(register(deployment)).id();
      for (long sequence = 0; sequence < 60; sequence++) {
        value(publish(deployment, idle, sequence, "v" + sequence));
      }
      nowMs.addAndGet(ProducerShortening.IDLE.toMillis() + 1);
      value(publish(deployment, busy, 0, "v"));
      for (long sequence = 1; !cluster.producerMemory().isTight(); sequence++) {
        value(publish(deployment, busy, sequence, "v" + sequence));
      }
      long held = cluster.producerMemory().heldBytes();
      ProduceResult newest = value(publish(deployment, idle, 59, "v59"));
      nowMs.addAndGet(ProducerShortening.IDLE.toMillis() + 1);
      value(publish(deployment, busy, 0, "v"));

      TestDeployment.untilDone(
          () -> new ProducerShortening(cluster, cluster.producerMemory(), clock).sweep(),
          () -> cluster.producerMemory().heldBytes() < held);

      assertThat(value(publish(deployment, idle, 59, "v59"))).isEqualTo(newest);
      Refusal old = refusal(publish(deployment, idle, 3, "v3"));
      assertThat(old.code()).isEqualTo(RefusalCode.SEQUENCE_TOO_OLD);
      assertThat(old.attributes()).containsEntry("appended", "unknown");
      value(publish(deployment, busy, 0, "v"));
    }
  }

  @Test
  void noEntryIsWrittenWhileNothingIsLeftToForget() throws IOException {
    try (var deployment = open(new MemoryLimits(6_000, 1_000, 10))) {
      Cluster cluster = cluster(deployment);
      while (!cluster.producerMemory().isFull()) {
        value(publish(deployment, value(register(deployment)).id(), 1, "first"));
      }
      nowMs.addAndGet(ProducerShortening.IDLE.toMillis() + 1);
      AtomicInteger entries = new AtomicInteger();
      try (var group = new CountedGroup(cluster.dataGroups().getFirst(), entries)) {
        ProducerShortening shortening =
            new ProducerShortening(with(List.of(group), cluster), cluster.producerMemory(), clock);
        for (int i = 0; i < 5; i++) {
          shortening.sweep();
        }
      }

      assertThat(cluster.producerMemory().isFull()).isTrue();
      assertThat(entries).hasValue(0);
    }
  }

  /** That cluster with other data groups. */
  private static ServingCluster with(List<DataGroup> groups, ServingCluster cluster) {
    return (ServingCluster)
        Proxy.newProxyInstance(
            ServingCluster.class.getClassLoader(),
            new Class<?>[] {ServingCluster.class},
            (_, method, arguments) ->
                method.getName().equals("dataGroups") ? groups : method.invoke(cluster, arguments));
  }

  @Test
  void aConsumerTooManyIsRefusedUntilOneLeaves() throws IOException {
    try (var deployment = open(new MemoryLimits(PLENTY, 10, 2));
        var coordinators = GroupCoordinators.start(deployment.deployment())) {
      CreateConsumer create = new CreateConsumer(deployment.deployment(), coordinators);
      long first = value(consumer(create)).consumerId();
      value(consumer(create));

      Refusal refusal = refusal(consumer(create));

      assertThat(refusal.code()).isEqualTo(RefusalCode.TOO_MANY_CONSUMERS);
      assertThat(refusal.code().retriable()).isTrue();
      assertThat(refusal.attributes()).containsKey("retry_after_seconds");
      value(publishWithout(deployment));
      value(cluster(deployment).submit(new MetadataCommand.ForgetConsumer(first), TIMEOUT));
      value(consumer(create));
    }
  }

  private static Answer<ConsumerMembership> consumer(CreateConsumer create) {
    return create.create(
        new CreateConsumer.Request(
            Optional.empty(),
            Optional.empty(),
            new ConsumerSettings(List.of("t"), new StartFrom.Earliest(), 45_000, true)));
  }

  private static Answer<Producer> register(TestDeployment deployment) {
    return new RegisterProducer(deployment.deployment()).register(Optional.empty(), "web-1");
  }

  private Answer<ProduceResult> publish(
      TestDeployment deployment, long producer, long sequence, String text) {
    return publish(deployment, text, Optional.of(new ProducerSequence(producer, sequence)));
  }

  private Answer<ProduceResult> publishWithout(TestDeployment deployment) {
    return publish(deployment, "without a sequence", Optional.empty());
  }

  private Answer<ProduceResult> publish(
      TestDeployment deployment, String text, Optional<ProducerSequence> producer) {
    Event event =
        new Event(0, null, ByteBuffer.wrap(text.getBytes(UTF_8)), List.of(), Event.NO_TIMESTAMP);
    return new ProduceEvents(deployment.deployment(), clock)
        .produce(new ProduceRequest(Optional.empty(), "t", List.of(event), TIMEOUT, producer));
  }

  private static Cluster cluster(TestDeployment deployment) {
    return deployment.deployment().all().getFirst();
  }

  private TestDeployment open(MemoryLimits limits) throws IOException {
    TestDeployment deployment =
        TestDeployment.open(
            new Deployment.Config(
                List.of(data),
                "127.0.0.1",
                8080,
                new SystemDisk(),
                clock,
                new BrokerSettings(
                        ReplicationSettings.forTests(),
                        100,
                        50,
                        Duration.ofHours(1),
                        Duration.ofMillis(50))
                    .with(limits)));
    deployment.createCluster("c1", 3);
    deployment.createTopic("t", 1);
    return deployment;
  }
}
