package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.TroubledDisk.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A cluster whose deletion fails half-way is never hidden. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterDeletionTest {
  @TempDir Path data;

  private final TroubledDisk disk = new TroubledDisk();
  private final AckedEvents events = new AckedEvents("c1");

  private TestDeployment openWithData() throws IOException {
    TestDeployment deployment = TestDeployment.open(TestDeployment.config(disk, data));
    deployment.createCluster("c1", 1);
    deployment.createTopic("t", 1);
    events.publish(deployment, 5);
    return deployment;
  }

  @Test
  void aDeletionThatCannotBeginLeavesTheClusterAsItWas() throws IOException {
    try (var deployment = openWithData()) {
      boolean[] failed = {false};
      disk.setTrouble(
          (operation, path) -> {
            if (operation == Operation.WRITE && path.endsWith("cluster.copy") && !failed[0]) {
              failed[0] = true;
              throw new IOException("No space left on device");
            }
          });

      assertThatThrownBy(() -> new DeleteCluster(deployment.deployment()).delete("c1"))
          .isInstanceOf(UncheckedIOException.class);

      events.publish(deployment, 5);
      events.awaitAll(deployment);
    }
    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      events.awaitAll(deployment);
      value(new DeleteCluster(deployment.deployment()).delete("c1"));
      assertThat(data.resolve("c1")).doesNotExist();
    }
  }

  @Test
  void aDeletionThatFailsHalfWayIsShownAndCanBeDoneAgain() throws IOException {
    try (var deployment = openWithData()) {
      disk.setTrouble(
          (operation, path) -> {
            if (operation == Operation.WRITE && path.endsWith("deployment.json")) {
              throw new IOException("No space left on device");
            }
          });
      var delete = new DeleteCluster(deployment.deployment());

      assertThatThrownBy(() -> delete.delete("c1")).isInstanceOf(UncheckedIOException.class);
      assertThat(deployment.deployment().all()).isEmpty();
      assertThat(new DescribeClusters(deployment.deployment()).notServed())
          .singleElement()
          .satisfies(each -> assertThat(each.state()).isEqualTo(NotServed.State.DELETING));

      disk.setTrouble((operation, path) -> {});
      value(delete.delete("c1"));
      assertThat(data.resolve("c1")).doesNotExist();
      assertThat(new DescribeClusters(deployment.deployment()).notServed()).isEmpty();
      deployment.createCluster("c1", 1);
    }
  }

  @Test
  void aDeletionThatFailsHalfWayIsFinishedByTheNextStart() throws IOException {
    try (var deployment = openWithData()) {
      disk.setTrouble(
          (operation, path) -> {
            if (operation == Operation.WRITE && path.endsWith("deployment.json")) {
              throw new IOException("No space left on device");
            }
          });
      assertThatThrownBy(() -> new DeleteCluster(deployment.deployment()).delete("c1"))
          .isInstanceOf(UncheckedIOException.class);
    }

    try (var deployment = TestDeployment.open(data)) {
      assertThat(data.resolve("c1")).doesNotExist();
      assertThat(deployment.deployment().all()).isEmpty();
      assertThat(new DescribeClusters(deployment.deployment()).notServed()).isEmpty();
    }
  }

  @Test
  void aCreationThatFailsHalfWayIsGoneAfterTheNextStartAndNeverBefore() throws IOException {
    try (var deployment = openWithData()) {
      disk.setTrouble(
          (operation, path) -> {
            if (operation == Operation.WRITE && path.endsWith("c2/broker-1/broker.json")) {
              throw new IOException("No space left on device");
            }
          });
      assertThatThrownBy(() -> deployment.createCluster("c2", 1))
          .isInstanceOf(UncheckedIOException.class);
      assertThat(data.resolve("c2/cluster.json")).exists();
    }

    try (var deployment = TestDeployment.open(data)) {
      assertThat(data.resolve("c2")).doesNotExist();
      deployment.awaitReady();
      events.awaitAll(deployment);
      deployment.createCluster("c2", 1);
      assertThat(deployment.deployment().all())
          .extracting(cluster -> cluster.identity().number())
          .containsExactly(0, 2);
    }
  }
}
