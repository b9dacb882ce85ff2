package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.RegisterProducer;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.broker.time.TimeSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Events that are to stay for seven days, under a wall clock that is set meanwhile. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class ClockJumpTest {
  private static final int EVENTS = 30;
  private static final long EIGHT_DAYS = Duration.ofDays(8).toMillis();
  private static final long YEAR = Duration.ofDays(365).toMillis();

  @TempDir Path data;

  /** What has passed beside the real time. */
  private final AtomicLong passedMs = new AtomicLong();

  /** How far the wall clock is off. */
  private final AtomicLong errorMs = new AtomicLong();

  private final class Time implements TimeSource {
    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(System.currentTimeMillis() + passedMs.get() + errorMs.get());
    }

    @Override
    public long nanoTime() {
      return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(passedMs.get());
    }
  }

  private final TimeSource time = new Time();

  private Deployment.Config config() {
    Deployment.Config usual = TestDeployment.config(data);
    return new Deployment.Config(
        usual.dataDirectories(), usual.host(), usual.port(), usual.disk(), time, usual.settings());
  }

  private TestDeployment open() throws IOException {
    TestDeployment deployment = TestDeployment.open(config());
    deployment.awaitReady();
    return deployment;
  }

  private void publish(TestDeployment deployment) {
    for (int i = 0; i < EVENTS; i++) {
      var event =
          new ProduceRequest.Event(
              0,
              null,
              ByteBuffer.wrap(new byte[] {(byte) i}),
              List.of(),
              ProduceRequest.Event.NO_TIMESTAMP);
      value(
          new ProduceEvents(deployment.deployment(), time)
              .produce(
                  new ProduceRequest(
                      Optional.empty(),
                      "t",
                      List.of(event),
                      Duration.ofSeconds(20),
                      Optional.empty())));
    }
  }

  private static PartitionReplica replica(TestDeployment deployment) {
    Cluster cluster = deployment.deployment().all().getFirst();
    return TestDeployment.awaitLeaderStore(cluster.dataGroup(1)).partitions().stream()
        .filter(found -> found.topicName().equals("t"))
        .findFirst()
        .orElseThrow();
  }

  /** After several looks of the sweeper at the time as it is. */
  private static void assertAllThere(TestDeployment deployment) {
    Cluster cluster = deployment.deployment().all().getFirst();
    var sweeper = new RetentionSweeper(cluster, cluster.clock());
    for (int i = 0; i < 3; i++) {
      sweeper.sweep();
    }
    assertThat(replica(deployment).startOffset()).isZero();
    assertThat(replica(deployment).endOffset()).isEqualTo(EVENTS);
  }

  private static void awaitAllGone(TestDeployment deployment) {
    await().atMost(Duration.ofSeconds(20)).until(() -> replica(deployment).startOffset() == EVENTS);
  }

  private void create(TestDeployment deployment) {
    deployment.createCluster("c1", 1);
    deployment.createTopic("t", 1);
  }

  @Test
  void aJumpForwardDeletesNothingAndSevenDaysDo() throws IOException {
    try (var deployment = open()) {
      create(deployment);
      publish(deployment);

      for (long jump : new long[] {EIGHT_DAYS, YEAR, -YEAR}) {
        errorMs.set(jump);
        assertAllThere(deployment);
        errorMs.set(0);
        assertAllThere(deployment);
      }

      passedMs.addAndGet(EIGHT_DAYS);
      awaitAllGone(deployment);
    }
  }

  @Test
  void whatWasAcknowledgedIn1970StaysItsSevenDays() throws IOException {
    errorMs.set(-System.currentTimeMillis());
    try (var deployment = open()) {
      create(deployment);
      publish(deployment);
      errorMs.set(0);

      assertAllThere(deployment);
      passedMs.addAndGet(EIGHT_DAYS - Duration.ofDays(2).toMillis());
      assertAllThere(deployment);
    }
    try (var deployment = open()) {
      assertAllThere(deployment);
      passedMs.addAndGet(Duration.ofDays(2).toMillis());
      awaitAllGone(deployment);
    }
  }

  @Test
  void whatWasAppendedWhileTheClockWasAheadGoesInItsTime() throws IOException {
    try (var deployment = open()) {
      create(deployment);
      errorMs.set(YEAR);
      publish(deployment);
      errorMs.set(0);

      passedMs.addAndGet(EIGHT_DAYS);
      awaitAllGone(deployment);
    }
  }

  @Test
  void aLongTimeOffCountsWhenTheClockHasStoodByIt() throws IOException {
    try (var deployment = open()) {
      create(deployment);
      publish(deployment);
    }
    passedMs.addAndGet(3 * EIGHT_DAYS);
    try (var deployment = open()) {
      assertAllThere(deployment);
      passedMs.addAndGet(3 * EIGHT_DAYS / 100);
      awaitAllGone(deployment);
    }
  }

  @Test
  void aStartInAWrongYearDeletesNothing() throws IOException {
    try (var deployment = open()) {
      create(deployment);
      publish(deployment);
    }
    errorMs.set(YEAR);
    try (var deployment = open()) {
      assertAllThere(deployment);
      passedMs.addAndGet(Duration.ofMinutes(9).toMillis());
      errorMs.set(0);
      assertAllThere(deployment);
      passedMs.addAndGet(Duration.ofDays(6).toMillis());
      assertAllThere(deployment);
      passedMs.addAndGet(Duration.ofDays(2).toMillis());
      awaitAllGone(deployment);
    }
  }

  @Test
  void withoutItsClockFileAClusterDeletesLater() throws IOException {
    try (var deployment = open()) {
      create(deployment);
      publish(deployment);
    }
    try (var files = Files.walk(data)) {
      Path clock = files.filter(file -> file.endsWith("clock")).findFirst().orElseThrow();
      Files.delete(clock);
    }
    passedMs.addAndGet(EIGHT_DAYS);
    try (var deployment = open()) {
      assertAllThere(deployment);
      passedMs.addAndGet(EIGHT_DAYS / 50);
      awaitAllGone(deployment);
    }
  }

  @Test
  void producersAreForgottenAfterSevenDaysAndNotByAJump() throws IOException {
    try (var deployment = open()) {
      create(deployment);
      value(new RegisterProducer(deployment.deployment()).register(Optional.of("c1"), "p"));
      Cluster cluster = deployment.deployment().all().getFirst();

      errorMs.set(YEAR);
      cluster.producerExpiry().sweep();
      errorMs.set(0);
      assertThat(cluster.view().producers()).hasSize(1);

      passedMs.addAndGet(EIGHT_DAYS);
      cluster.producerExpiry().sweep();
      assertThat(cluster.view().producers()).isEmpty();
    }
  }
}
