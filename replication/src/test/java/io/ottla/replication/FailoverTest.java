package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.replication.ReplicationGroup.Leadership;
import io.ottla.replication.ReplicationGroup.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailoverTest {
  @TempDir Path directory;

  private TestCluster cluster(int groups, ReplicationSettings settings) throws Exception {
    return new TestCluster(directory, 3, groups, settings).startAll();
  }

  private static ByteBuffer bytes(String payload) {
    return ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theNextWriteAfterALeaderCrashIsAckedWithinThreeSeconds() throws Exception {
    try (TestCluster cluster = cluster(1, ReplicationSettings.production())) {
      cluster.submitUntilApplied(1, "before");
      int leader = cluster.awaitPreferredLeader(1).brokerId();
      long crashedAt = System.nanoTime();
      Thread crash = Thread.startVirtualThread(() -> cluster.crash(leader));
      Awaitility.await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> cluster.network.broker(leader).isEmpty());

      cluster.submitUntilApplied(1, "after");

      long pauseMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - crashedAt);
      crash.join();
      assertThat(pauseMs).isLessThan(3_000);
      cluster.awaitEqual(1);
      int other = leader == 1 ? 2 : 1;
      assertThat(cluster.state(other, 1).payloads()).containsExactly("before", "after");
    }
  }

  @Test
  void aCrashedLeadersGroupWaitsForNoTimeOut() throws Exception {
    try (TestCluster cluster = cluster(1, TestCluster.patient(Duration.ofSeconds(60)))) {
      cluster.submitUntilApplied(1, "before");
      int leader = cluster.awaitPreferredLeader(1).brokerId();

      cluster.crash(leader);

      cluster.submitUntilApplied(1, "after");
      int next = cluster.awaitLeader(1).brokerId();
      assertThat(next).isNotEqualTo(leader);
      assertThat(cluster.state(next, 1).payloads()).containsExactly("before", "after");
    }
  }

  @Test
  void nobodyStandsAgainstALeaderThatIsHere() throws Exception {
    try (TestCluster cluster = cluster(1, ReplicationSettings.forTests())) {
      cluster.submitUntilApplied(1, "before");
      var leader = cluster.awaitPreferredLeader(1);
      RaftGroupId group = RaftGroupId.valueOf(cluster.network.spec(1).id());
      RaftPeerId other = cluster.network.peerId(leader.brokerId() == 1 ? 2 : 1);

      assertThatThrownBy(() -> cluster.network.requireNoLeader(group, other, leader.term()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("broker " + leader.brokerId() + " leads");

      cluster.crash(leader.brokerId());
      cluster.submitUntilApplied(1, "after");
      assertThat(cluster.awaitLeader(1).term()).isGreaterThan(leader.term());
    }
  }

  @Test
  void whatIsAnsweredWhileTheLeaderCrashesIsTrue() throws Exception {
    try (TestCluster cluster = cluster(1, ReplicationSettings.forTests())) {
      List<String> applied = new ArrayList<>();
      List<String> refused = new ArrayList<>();
      List<Integer> crashed = new ArrayList<>();
      Thread crash = new Thread(() -> crashed.add(crashLeader(cluster)));
      for (int i = 0; i < 400; i++) {
        if (i == 150) {
          crash.start();
        }
        String payload = "entry-" + i;
        switch (cluster.submit(1, payload)) {
          case Outcome.Applied yes -> applied.add(payload);
          case Outcome.NotAppended no -> refused.add(payload);
          case Outcome.Unknown unknown -> {}
        }
      }
      crash.join();
      cluster.submitUntilApplied(1, "last");
      cluster.awaitEqual(1);

      int survivor = crashed.getFirst() == 1 ? 2 : 1;
      List<String> found = cluster.state(survivor, 1).payloads();
      assertThat(found).doesNotHaveDuplicates().containsSubsequence(applied);
      assertThat(found).noneMatch(refused::contains);
    }
  }

  private static int crashLeader(TestCluster cluster) {
    int leader = cluster.awaitLeader(1).brokerId();
    cluster.crash(leader);
    return leader;
  }

  @Test
  void withoutAMajorityWhatIsInFlightIsUnknownAndTheNextIsNotAppended() throws Exception {
    try (TestCluster cluster = cluster(1, ReplicationSettings.forTests())) {
      cluster.submitUntilApplied(1, "before");
      Leadership leader = cluster.awaitPreferredLeader(1);
      List<Integer> followers = new ArrayList<>(cluster.brokers.keySet());
      followers.remove(Integer.valueOf(leader.brokerId()));
      List<Thread> crashes =
          followers.stream().map(id -> new Thread(() -> cluster.crash(id))).toList();
      crashes.forEach(Thread::start);
      Awaitility.await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> followers.stream().allMatch(id -> cluster.network.broker(id).isEmpty()));

      ReplicationGroup group = cluster.network.group(1);
      CompletableFuture<Outcome> inFlight = group.submit(leader.term(), bytes("in flight"));
      assertThat(inFlight.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Unknown.class);
      Awaitility.await().until(() -> group.leadership().isEmpty());
      assertThat(group.submit(leader.term(), bytes("refused")).get(1, TimeUnit.SECONDS))
          .isInstanceOf(Outcome.NotAppended.class);

      for (Thread crash : crashes) {
        crash.join();
      }
      for (int follower : followers) {
        cluster.start(follower, true);
      }
      cluster.submitUntilApplied(1, "after");
      cluster.awaitEqual(1);
      assertThat(cluster.state(1, 1).payloads())
          .startsWith("before")
          .endsWith("after")
          .doesNotContain("refused");
    }
  }

  @Test
  void anEntryDecidedInAnOlderTermIsNotAppended() throws Exception {
    try (TestCluster cluster = cluster(1, ReplicationSettings.forTests())) {
      Leadership leader = cluster.awaitPreferredLeader(1);

      Outcome outcome =
          cluster.network.group(1).submit(leader.term() - 1, bytes("old")).get(5, TimeUnit.SECONDS);

      assertThat(outcome).isInstanceOf(Outcome.NotAppended.class);
    }
  }

  @Test
  void aCleanStopHandsLeadershipOver() throws Exception {
    try (TestCluster cluster = cluster(1, ReplicationSettings.production())) {
      cluster.submitUntilApplied(1, "before");
      int leader = cluster.awaitPreferredLeader(1).brokerId();
      long startedAt = System.nanoTime();
      Thread stop = Thread.startVirtualThread(() -> cluster.stop(leader));
      Awaitility.await()
          .pollInterval(Duration.ofMillis(2))
          .until(
              () -> cluster.network.group(1).leadership(),
              now -> now.isPresent() && now.get().brokerId() != leader);

      cluster.submitUntilApplied(1, "after");

      long pauseMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt);
      stop.join();
      assertThat(pauseMs).isLessThan(500);
    }
  }

  @Test
  void aBrokerThatIsStoppingIsNotHandedItsLeadershipBack() throws Exception {
    try (TestCluster cluster = cluster(1, ReplicationSettings.forTests())) {
      cluster.submitUntilApplied(1, "before");
      Awaitility.await().until(() -> cluster.awaitLeader(1).brokerId() == 1);
      CountDownLatch handedOver = new CountDownLatch(1);
      // Its last checkpoint waits for this apply: so it stays in the network for a while.
      cluster.state(1, 1).beforeApply =
          () ->
              assertThatCode(() -> handedOver.await(20, TimeUnit.SECONDS))
                  .doesNotThrowAnyException();
      var _ = cluster.network.group(1).submit(cluster.awaitLeader(1).term(), bytes("slow"));
      Thread stop = Thread.startVirtualThread(() -> cluster.stop(1));
      Leadership next =
          Awaitility.await()
              .until(
                  () -> cluster.network.group(1).leadership(),
                  now -> now.filter(leader -> leader.brokerId() != 1).isPresent())
              .orElseThrow();

      Awaitility.await()
          .during(Duration.ofMillis(800))
          .atMost(Duration.ofSeconds(5))
          .until(() -> cluster.network.group(1).leadership().equals(Optional.of(next)));

      handedOver.countDown();
      stop.join();
      cluster.submitUntilApplied(1, "after");
    }
  }

  @Test
  void leadershipComesBackToThePreferredBroker() throws Exception {
    try (TestCluster cluster = cluster(3, ReplicationSettings.forTests())) {
      awaitPreferred(cluster);
      cluster.stop(2);
      cluster.submitUntilApplied(2, "without its preferred broker");
      assertThat(cluster.awaitLeader(2).brokerId()).isNotEqualTo(2);

      cluster.start(2, true);

      awaitPreferred(cluster);
      cluster.submitUntilApplied(2, "with it");
    }
  }

  private static void awaitPreferred(TestCluster cluster) {
    for (int group = 1; group <= 3; group++) {
      int preferred = group;
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> cluster.awaitLeader(preferred).brokerId() == preferred);
    }
  }

  @Test
  void twoClustersInOneProcessNeverMeet() throws Exception {
    try (TestCluster one = cluster(1, ReplicationSettings.forTests());
        TestCluster other =
            new TestCluster(directory.resolve("other"), 3, 1, ReplicationSettings.forTests())
                .startAll()) {
      for (int i = 0; i < 20; i++) {
        one.submitUntilApplied(1, "one-" + i);
        other.submitUntilApplied(1, "other-" + i);
      }

      one.awaitEqual(1);
      other.awaitEqual(1);
      assertThat(one.state(1, 1).payloads()).hasSize(20).allMatch(p -> p.startsWith("one"));
      assertThat(other.state(1, 1).payloads()).hasSize(20).allMatch(p -> p.startsWith("other"));
    }
  }
}
