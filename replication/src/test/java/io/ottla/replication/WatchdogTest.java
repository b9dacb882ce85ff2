package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.replication.Watchdog.Work;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchdogTest {
  @TempDir Path directory;

  private OptionalLong step = OptionalLong.empty();
  private final List<Integer> told = new ArrayList<>();

  private Watchdog watchdog() {
    Work work = new Work("key", "work", () -> step, Watchdog.LOOKS, told::add);
    return new Watchdog(1, TimeUnit.HOURS.toNanos(1), () -> List.of(work), () -> {});
  }

  private static void look(Watchdog watchdog, int times) {
    for (int i = 0; i < times; i++) {
      watchdog.look();
    }
  }

  @Test
  void whatGoesOnOrHasNothingToDoIsNeverStalled() {
    Watchdog watchdog = watchdog();
    look(watchdog, 100);
    for (int i = 0; i < 100; i++) {
      step = OptionalLong.of(i);
      look(watchdog, 15);
    }

    assertThat(told).isEmpty();
  }

  @Test
  void whatIsAtOneStepForTwentyLooksIsStalledUntilItGoesOn() {
    Watchdog watchdog = watchdog();
    step = OptionalLong.of(7);
    look(watchdog, 20);
    assertThat(told).isEmpty();

    look(watchdog, 21);

    assertThat(told).hasSize(21).startsWith(1).endsWith(1, 2);
    step = OptionalLong.empty();
    look(watchdog, 2);
    assertThat(told).hasSize(22).endsWith(0);
  }

  private TestCluster cluster() throws Exception {
    ReplicationSettings settings = TestCluster.stalledAfter(Duration.ofSeconds(2));
    TestCluster cluster = new TestCluster(directory, 3, 1, settings).startAll();
    cluster.submitUntilApplied(1, "first");
    cluster.awaitEqual(1);
    return cluster;
  }

  @Test
  void aLeaderWhoseApplyHangsLosesItsLeadershipAndTheOthersGoOn() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    try (TestCluster cluster = cluster()) {
      Awaitility.await().until(() -> cluster.awaitLeader(1).brokerId() == 1);
      int leader = 1;
      RegisterState state = cluster.state(leader, 1);
      state.beforeApply = () -> await(hanging);
      var hung =
          cluster.network.group(1).submit(cluster.awaitLeader(1).term(), ByteBuffer.allocate(4));

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  cluster
                      .network
                      .group(1)
                      .leadership()
                      .filter(l -> l.brokerId() != leader)
                      .isPresent());
      cluster.submitUntilApplied(1, "others");

      assertThat(hung.get(20, TimeUnit.SECONDS))
          .isInstanceOfAny(
              ReplicationGroup.Outcome.Unknown.class, ReplicationGroup.Outcome.Applied.class);
      hanging.countDown();
    } finally {
      hanging.countDown();
    }
  }

  @Test
  void aCheckpointThatHangsIsToldAndNothingElseEnds() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    try (TestCluster cluster = cluster()) {
      int follower = cluster.awaitLeader(1).brokerId() % 3 + 1;
      cluster.state(follower, 1).beforeForce = () -> await(hanging);
      cluster.submitUntilApplied(1, "then");

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> cluster.brokers.get(follower).status(1).stalled().contains("checkpoint"));
      cluster.submitUntilApplied(1, "meanwhile");
      hanging.countDown();

      Awaitility.await().until(() -> cluster.brokers.get(follower).status(1).stalled().isEmpty());
      cluster.awaitEqual(1);
      assertThat(cluster.failures).isEmpty();
    } finally {
      hanging.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
