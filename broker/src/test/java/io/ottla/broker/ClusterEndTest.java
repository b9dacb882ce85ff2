package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.TroubledDisk.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a cluster beside whatever else happens to its brokers. */
class ClusterEndTest {
  @TempDir Path data;

  private final TroubledDisk disk = new TroubledDisk();

  @Test
  void aBrokerThatIsJustBeingStartedIsClosedToo() throws IOException {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      deployment.createCluster("c1", 3);
      var control = new ControlBroker(deployment.deployment());
      value(control.stop("c1", 2, StopMode.CLEAN));
      Cluster cluster = deployment.deployment().all().getFirst();
      Path directory = cluster.brokers().get(1).directory();
      disk.setTrouble(
          (operation, path) -> {
            if (operation == Operation.LIST && path.startsWith(directory)) {
              begun.countDown();
              awaitQuietly(goOn);
            }
          });
      var starting = CompletableFuture.supplyAsync(() -> control.start("c1", 2));
      awaitQuietly(begun);

      Thread ending = Thread.ofPlatform().start(cluster::close);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  ending.getState() == Thread.State.TERMINATED
                      || cluster.brokers().getFirst().state() == BrokerState.STOPPED
                      || ending.getState() == Thread.State.WAITING);
      goOn.countDown();
      starting.handle((answer, failure) -> answer).join();

      await().atMost(Duration.ofSeconds(20)).until(() -> !ending.isAlive());
      assertThat(cluster.brokers()).allMatch(broker -> broker.state() == BrokerState.STOPPED);
      assertThat(cluster.brokers()).allMatch(broker -> broker.raft().isEmpty());
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
