package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.replication.journal.AckNotes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One broker's disk is damaged while another merely lags: together they are a majority without what
 * was acked. The third has it all, and nobody may lead without it.
 */
class DamagedAndLaggingTest {
  private static final int ROUNDS = Integer.getInteger("ottla.rounds", 1);

  @TempDir Path directory;
  private final long seed = Long.getLong("ottla.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<String> acked = new ArrayList<>();

  @FunctionalInterface
  private interface Harm {
    void to(Damage damage) throws IOException;
  }

  private void write(TestCluster cluster, String name, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      String payload = name + "-" + i + "-" + "x".repeat(1_000);
      cluster.submitUntilApplied(1, payload);
      acked.add(payload);
    }
  }

  private static void awaitNoted(TestCluster cluster, int id) {
    long applied = cluster.brokers.get(id).status(1).appliedIndex();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              try (AckNotes notes =
                  AckNotes.open(cluster.disk, cluster.brokerDirectory(id), 100 + id)) {
                return notes.of(cluster.network.spec(1).id()).orElseThrow().end().getIndex()
                    >= applied;
              }
            });
  }

  /** Brokers 1 and 2 have all, broker 3 lags. */
  private TestCluster lagging(int round) throws Exception {
    acked.clear();
    TestCluster cluster =
        new TestCluster(directory.resolve("round-" + round), 3, 1, TestCluster.rareCheckpoints())
            .startAll();
    write(cluster, "first", 10);
    cluster.awaitEqual(1);
    cluster.crash(3);
    write(cluster, "away", 10);
    cluster.brokers.get(1).checkpoint(1);
    write(cluster, "then", 10);
    return cluster;
  }

  private void assertNothingIsLost(TestCluster cluster) throws Exception {
    write(cluster, "after", 3);
    cluster.awaitEqual(1);
    for (int id = 1; id <= 3; id++) {
      assertThat(cluster.state(id, 1).payloads())
          .as("seed %d broker %d", seed, id)
          .containsExactlyElementsOf(acked);
    }
    assertThat(cluster.failures).as("seed %d", seed).isEmpty();
  }

  private void startedTogetherNothingIsLost(Harm harm) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (TestCluster cluster = lagging(round)) {
        cluster.crashAll();
        harm.to(new Damage(cluster, 1));
        List<Integer> order = new ArrayList<>(List.of(1, 2, 3));
        Collections.shuffle(order, random);

        cluster.startTogether(order);

        assertNothingIsLost(cluster);
      }
    }
  }

  /** Better no leader than one without the events. */
  private void withoutTheHolderNobodyLeads(Harm harm) throws Exception {
    try (TestCluster cluster = lagging(0)) {
      awaitNoted(cluster, 1);
      cluster.crashAll();
      harm.to(new Damage(cluster, 1));

      cluster.startTogether(List.of(1, 3));

      assertNoLeader(cluster);
      cluster.start(2, true);
      assertNothingIsLost(cluster);
    }
  }

  private static void assertNoLeader(TestCluster cluster) {
    Awaitility.await()
        .during(Duration.ofMillis(1_200))
        .atMost(Duration.ofSeconds(3))
        .until(() -> cluster.network.group(1).leadership().isEmpty());
  }

  private static void loseJournalAndCheckpoints(Damage damage) throws IOException {
    damage.deleteJournalFiles();
    damage.deleteCheckpoints();
  }

  @Test
  void anOldCopyOfABrokerElectsNobodyWithLess() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (TestCluster cluster =
          new TestCluster(directory.resolve("round-" + round), 3, 1, TestCluster.rareCheckpoints())
              .startAll()) {
        acked.clear();
        write(cluster, "first", 10);
        cluster.awaitEqual(1);
        cluster.crashAll();
        Path copy = directory.resolve("copy");
        Damage.copy(cluster.brokerDirectory(1), copy);
        cluster.startTogether(List.of(1, 2, 3));
        write(cluster, "then", 3);
        cluster.crash(3);
        write(cluster, "away", 20);
        cluster.crashAll();
        Damage.copy(copy, cluster.brokerDirectory(1));
        List<Integer> order = new ArrayList<>(List.of(1, 2, 3));
        Collections.shuffle(order, random);

        cluster.startTogether(order);

        assertNothingIsLost(cluster);
      }
    }
  }

  @Test
  void aLostJournalWithItsCheckpointsElectsNobodyWithLess() throws Exception {
    startedTogetherNothingIsLost(DamagedAndLaggingTest::loseJournalAndCheckpoints);
  }

  @Test
  void aZeroedTailElectsNobodyWithLess() throws Exception {
    startedTogetherNothingIsLost(damage -> damage.zeroTail(3_000));
  }

  @Test
  void aLostJournalDoesNotVoteWhileTheHolderIsAway() throws Exception {
    withoutTheHolderNobodyLeads(DamagedAndLaggingTest::loseJournalAndCheckpoints);
  }

  @Test
  void aLostJournalUnderACheckpointDoesNotVoteWhileTheHolderIsAway() throws Exception {
    withoutTheHolderNobodyLeads(Damage::deleteJournalFiles);
  }

  @Test
  void aLostJournalDirectoryDoesNotVoteWhileTheHolderIsAway() throws Exception {
    withoutTheHolderNobodyLeads(Damage::deleteJournalDirectory);
  }

  @Test
  void aZeroedTailDoesNotVoteWhileTheHolderIsAway() throws Exception {
    withoutTheHolderNobodyLeads(damage -> damage.zeroTail(3_000));
  }

  @Test
  void aReplicaOfWhichNothingIsNotedVotesOnlyWhenAllAreHere() throws Exception {
    withoutTheHolderNobodyLeads(
        damage -> {
          damage.zeroTail(3_000);
          Files.delete(damage.note());
        });
  }

  @Test
  void aGroupThatTwoBrokersLostIsRefusedAndNeverServedEmpty() throws Exception {
    try (TestCluster cluster = lagging(0)) {
      cluster.start(3, true);
      cluster.awaitEqual(1);
      cluster.crashAll();
      loseJournalAndCheckpoints(new Damage(cluster, 1));
      loseJournalAndCheckpoints(new Damage(cluster, 2));

      cluster.startTogether(List.of(1, 2, 3));

      assertNoLeader(cluster);
      assertThat(cluster.brokers.get(1).status(1).running()).isFalse();
      assertThat(cluster.brokers.get(2).status(1).running()).isFalse();
      assertThat(cluster.brokers.get(3).status(1).running()).isTrue();
    }
  }

  @Test
  void dataOfAnOlderBuildWithoutNotesStarts() throws Exception {
    try (TestCluster cluster = lagging(0)) {
      cluster.crashAll();
      for (int id = 1; id <= 3; id++) {
        Files.delete(new Damage(cluster, id).note());
      }

      cluster.startTogether(List.of(3, 2, 1));

      assertNothingIsLost(cluster);
      awaitNoted(cluster, 1);
      awaitNoted(cluster, 3);
    }
  }

  @Test
  void whateverHappensToOneMemberWhileAnotherLagsNoAckedEntryIsLost() throws Exception {
    int rounds = Integer.getInteger("ottla.rounds", 2);
    for (int round = 0; round < rounds; round++) {
      try (TestCluster cluster = lagging(round)) {
        cluster.crashAll();
        List<String> done = harmAtRandom(new Damage(cluster, 1));
        List<Integer> order = new ArrayList<>(List.of(1, 2, 3));
        Collections.shuffle(order, random);

        cluster.startTogether(order);

        try {
          assertNothingIsLost(cluster);
        } catch (Exception | AssertionError e) {
          throw new AssertionError("seed " + seed + " round " + round + ": " + done, e);
        }
      }
    }
  }

  private List<String> harmAtRandom(Damage damage) throws IOException {
    List<String> done = new ArrayList<>();
    for (int more = 1 + random.nextInt(3); more > 0; more--) {
      switch (random.nextInt(7)) {
        case 0 -> done.add(Damage.atRandom(damage.note(), random));
        case 1 -> done.add(Damage.atRandom(damage.vote(), random));
        case 2 -> done.add(Damage.atRandom(damage.configuration(), random));
        case 3 -> {
          damage.zeroTail(1 + random.nextInt(5_000));
          done.add("zeroed tail");
        }
        case 4 -> {
          damage.deleteJournalFiles();
          done.add("deleted all journal files");
        }
        default -> {
          List<Path> files = damage.journalFiles();
          if (!files.isEmpty()) {
            done.add(Damage.atRandom(files.get(random.nextInt(files.size())), random));
          }
        }
      }
    }
    return done;
  }
}
