package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalErrorTest {
  @TempDir Path directory;

  @Test
  void anErrorOnAJournalsThreadFailsItsBrokerAndTheOthersGoOn() throws Exception {
    AtomicBoolean armed = new AtomicBoolean();
    TestCluster cluster = new TestCluster(directory, 3, 1, ReplicationSettings.forTests());
    cluster.disk =
        HookedDisk.before(
            (_, path) -> {
              boolean onJournalsThread =
                  Thread.currentThread().getName().contains("SegmentedRaftLogWorker");
              if (onJournalsThread
                  && path.startsWith(cluster.brokerDirectory(1))
                  && armed.getAndSet(false)) {
                throw new OutOfMemoryError("no memory for the names of a journal's files");
              }
            });
    try (cluster) {
      cluster.startAll();
      cluster.submitUntilApplied(1, "first");
      cluster.awaitPreferredLeader(1);
      armed.set(true);

      var _ = cluster.submit(1, "then");

      Awaitility.await().until(() -> !cluster.failures.isEmpty());
      assertThat(cluster.failures).hasSize(1).allMatch(failure -> failure.startsWith("1: "));
      cluster.brokers.remove(1).close();
      cluster.submitUntilApplied(1, "last");
      cluster.awaitEqual(1);
    }
  }
}
