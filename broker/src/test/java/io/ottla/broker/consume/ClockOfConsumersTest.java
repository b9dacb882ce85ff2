package io.ottla.broker.consume;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ServingCluster;
import io.ottla.broker.TestDeployment;
import io.ottla.broker.time.TimeSource;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers are old by the clock that their registration was noted with, and by no other. */
class ClockOfConsumersTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration SESSION = Duration.ofSeconds(45);

  /** In which coordinators look several times who is silent. */
  private static final Duration TICKS = Duration.ofSeconds(1);

  @TempDir Path data;

  private final Time time = new Time();

  /** A wall clock that goes on while the machine sleeps, and a monotonic one that does not. */
  private static final class Time implements TimeSource {
    private final AtomicLong watchedMs = new AtomicLong();
    private final AtomicLong asleepMs = new AtomicLong();

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(System.currentTimeMillis() + watchedMs.get() + asleepMs.get());
    }

    @Override
    public long nanoTime() {
      return System.nanoTime() + Duration.ofMillis(watchedMs.get()).toNanos();
    }
  }

  /** The cluster's guarded clock stays behind the wall clock by the ten days, as is right. */
  @Test
  void aConsumerIsNotOldBecauseTheMachineSleptBeforeTheStart() throws IOException {
    try (var deployment = TestDeployment.open(time, data)) {
      deployment.createCluster("c1", 1);
      time.asleepMs.addAndGet(Duration.ofDays(10).toMillis());
    }
    try (var deployment = TestDeployment.open(time, data);
        var coordinators = GroupCoordinators.start(deployment.deployment())) {
      deployment.awaitReady();
      time.watchedMs.addAndGet(Duration.ofHours(3).toMillis());
      ServingCluster cluster = deployment.deployment().clusters().getFirst();
      long joining = register(cluster);

      coordinators.forgetStrays();
      assertThat(cluster.view().consumer(joining)).isPresent();

      time.watchedMs.addAndGet(StrayConsumers.AGE.toMillis() + 60_000);
      coordinators.forgetStrays();
      assertThat(cluster.view().consumer(joining)).isEmpty();
    }
  }

  @Test
  void aMemberStaysOneWhileTheWallClockJumps() throws IOException {
    try (var deployment = TestDeployment.open(time, data);
        var coordinators = GroupCoordinators.start(deployment.deployment())) {
      deployment.createCluster("c1", 1);
      deployment.createTopic("t", 2);
      deployment.awaitReady();
      var settings =
          new ConsumerSettings(List.of("t"), new StartFrom.Earliest(), SESSION.toMillis(), false);
      value(
          new CreateConsumer(deployment.deployment(), coordinators)
              .create(new CreateConsumer.Request(Optional.empty(), Optional.of("g"), settings)));
      var groups = new DescribeGroups(deployment.deployment(), coordinators);
      GroupDescription before = value(groups.one(Optional.empty(), "g"));
      assertThat(before.members().getFirst().active()).isTrue();

      long aYear = Duration.ofDays(365).toMillis();
      for (long jumpMs : new long[] {aYear, -aYear, -System.currentTimeMillis()}) {
        time.asleepMs.set(jumpMs);
        await()
            .during(TICKS)
            .atMost(TIMEOUT)
            .until(() -> value(groups.one(Optional.empty(), "g")).equals(before));
      }

      time.watchedMs.addAndGet(SESSION.toMillis());
      await()
          .atMost(TIMEOUT)
          .until(() -> !value(groups.one(Optional.empty(), "g")).members().getFirst().active());
    }
  }

  private static long register(ServingCluster cluster) {
    MetadataCommand command = new MetadataCommand.RegisterConsumer(Optional.empty());
    var registered = (MetadataResult.ConsumerRegistered) value(cluster.submit(command, TIMEOUT));
    return registered.consumer().id();
  }
}
