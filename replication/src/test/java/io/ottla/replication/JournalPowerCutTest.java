package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.ForgetfulDisk;
import io.ottla.disk.MirroredDisk;
import io.ottla.replication.StartedReplicas.Started;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Power goes right after something was promised, on a disk that forgets names. */
class JournalPowerCutTest {
  private static final int CUTS = 50;

  @TempDir Path data;

  private final ForgetfulDisk model = new ForgetfulDisk();

  /** The disk at the moment of each vote that counts, by term. */
  private final Map<Long, ForgetfulDisk> atVote = new ConcurrentHashMap<>();

  /** Who got it. */
  private final Map<Long, String> elected = new ConcurrentHashMap<>();

  private TestCluster start(Path root) throws Exception {
    model.createDirectories(root);
    for (Path above = root.getParent(); above != null; above = above.getParent()) {
      model.forceDirectory(above);
    }
    JournalMirror.mirror(root, model, new Votes());
    TestCluster cluster = new TestCluster(root, 3, 1, TestCluster.rareCheckpoints());
    cluster.disk = new MirroredDisk(model);
    // As whoever makes a cluster does.
    for (int broker = 1; broker <= 3; broker++) {
      cluster.disk.createDirectories(cluster.brokerDirectory(broker));
    }
    model.forceDirectory(root);
    return cluster.startAll();
  }

  private final class Votes implements JournalMirror.Witness {
    @Override
    public void forced(Path journal, long index) {}

    @Override
    public void cut(Path journal, long index) {}

    @Override
    public void replaced(Path journal) {}

    @Override
    public void voted(String group, String voter, long term, String candidate) {
      if (atVote.putIfAbsent(term, model.fork()) == null) {
        elected.put(term, voter + " " + candidate);
      }
    }
  }

  @Test
  void entriesThatAMajorityForcedAreThereAfterAPowerCutAlsoInANewFile() throws Exception {
    Path root = data.resolve("entries").toAbsolutePath();
    try (TestCluster cluster = start(root)) {
      for (int i = 0; i < 30; i++) {
        // Every fifth or so begins a new file.
        cluster.submitUntilApplied(1, i + "-" + "x".repeat(3_000));
        int leader = cluster.awaitLeader(1).brokerId();
        long index = cluster.brokers.get(leader).status(1).appliedIndex();
        ForgetfulDisk acked = model.fork();
        for (int cut = 0; cut < 5; cut++) {
          ForgetfulDisk disk = acked.fork();
          disk.powerCut(new Random(i * 100L + cut));
          List<Started> left = restart(cluster, root, disk);
          assertThat(left).allSatisfy(each -> assertThat(each.loss()).isEmpty());
          assertThat(left.stream().filter(each -> each.endIndex() >= index).count())
              .as("entry %d, cut %d, index %d", i, cut, index)
              .isGreaterThanOrEqualTo(2);
        }
      }
    } finally {
      JournalMirror.forget(root);
    }
  }

  private static List<Started> restart(TestCluster cluster, Path root, ForgetfulDisk disk)
      throws IOException {
    return new StartedReplicas(
            disk,
            cluster.network.clusterId(),
            cluster.network.groups(),
            id -> root.resolve("broker-" + id))
        .start(List.of(1, 2, 3));
  }

  @Test
  void aVoteThatCountedIsNotGivenBackByAPowerCut() throws Exception {
    Path root = data.resolve("votes").toAbsolutePath();
    try (TestCluster cluster = start(root)) {
      cluster.awaitLeader(1);
      for (long term : elected.keySet()) {
        for (int cut = 0; cut < CUTS; cut++) {
          ForgetfulDisk disk = atVote.get(term).fork();
          disk.powerCut(new Random(cut));
          for (Started each : restart(cluster, root, disk)) {
            String own = cluster.network.peerId(each.broker()).toString();
            if (elected.get(term).contains(own)) {
              assertThat(each.term()).as("cut %d", cut).isGreaterThanOrEqualTo(term);
            }
          }
        }
      }
    } finally {
      JournalMirror.forget(root);
    }
  }
}
