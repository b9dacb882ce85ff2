package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.TroubledDisk.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A force that fails once says that bytes may be gone: no later force of that file counts. */
class FailedForceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path data;

  private final AckedEvents events = new AckedEvents("c1");

  /** Of broker 2's files, since one could not be forced. */
  private final List<Path> forcedLater = new CopyOnWriteArrayList<>();

  private final AtomicReference<Path> failed = new AtomicReference<>();

  private void before(Operation operation, Path path) throws IOException {
    String name = path.toString();
    if (operation != Operation.FORCE || !name.contains("/broker-2/topics/")) {
      return;
    }
    if (name.endsWith(".log") && failed.compareAndSet(null, path)) {
      throw new IOException("Input/output error");
    }
    if (failed.get() != null) {
      forcedLater.add(path);
    }
  }

  @Test
  void aForceThatFailsOnceFailsItsBrokerUntilAPersonStartsItAndTheOthersGoOn() throws IOException {
    TroubledDisk disk = new TroubledDisk();
    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      Broker broker = deployment.deployment().find("c1").orElseThrow().brokers().get(1);
      disk.setTrouble(this::before);

      events.publish(deployment, 20);
      await().until(() -> broker.state() == BrokerState.FAILED);

      assertThat(broker.failure().orElseThrow().waitsFor()).isEmpty();
      events.publish(deployment, 20);
      events.awaitAll(deployment);
      await().until(() -> broker.raft().isEmpty());
      assertThat(forcedLater).doesNotContain(failed.get());

      value(new ControlBroker(deployment.deployment()).start("c1", 2));
      assertThat(broker.state()).isEqualTo(BrokerState.RUNNING);
      AckedEvents.awaitWhole(deployment, "c1", 2);
      events.publish(deployment, 20);
      events.awaitAll(deployment);
    }
  }

  /** What threads of its engine die of is no failure of the test. */
  private static ConditionFactory await() {
    return Awaitility.await().atMost(PATIENCE).dontCatchUncaughtExceptions();
  }
}
