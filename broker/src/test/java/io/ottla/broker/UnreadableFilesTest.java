package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ClusterDescription.BrokerDescription;
import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.TroubledDisk.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What cannot be read while the process starts stops only what it belongs to. */
@Execution(ExecutionMode.CONCURRENT)
class UnreadableFilesTest {
  @TempDir Path data;

  private final AckedEvents events = new AckedEvents("c1");

  private void makeClusters() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      events.publish(deployment, 10);
      deployment.createCluster("c2", 1);
    }
  }

  private static TroubledDisk failing(BiPredicate<Operation, Path> which) {
    TroubledDisk disk = new TroubledDisk();
    disk.setTrouble(
        (operation, path) -> {
          if (which.test(operation, path)) {
            throw new IOException("Input/output error: " + path);
          }
        });
    return disk;
  }

  private static boolean isNamed(Path path, String... names) {
    return Set.of(names).contains(path.getFileName().toString());
  }

  @Test
  void aBrokerWhoseFilesCannotBeReadFailsAlone() throws IOException {
    makeClusters();
    TroubledDisk disk =
        failing(
            (operation, path) ->
                operation == Operation.READ && path.toString().contains("/c1/broker-2/"));

    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      deployment.awaitReady();
      events.publish(deployment, 5);
      events.awaitAll(deployment);
      BrokerDescription failed =
          TestDeployment.value(new DescribeClusters(deployment.deployment()).one("c1"))
              .brokers()
              .get(1);
      assertThat(failed.state()).isEqualTo(BrokerState.FAILED);
      assertThat(failed.reason().orElseThrow()).contains("Input/output error").contains("broker-2");
    }
  }

  @Test
  void aBrokerWhoseFilesCannotBeReadForWantOfDescriptorsComesBack() throws IOException {
    makeClusters();
    TroubledDisk disk = new TroubledDisk();
    disk.setTrouble(
        (operation, path) -> {
          if (operation == Operation.READ && path.toString().contains("/c1/broker-2/")) {
            throw new IOException("Too many open files");
          }
        });

    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      Broker broker = deployment.deployment().find("c1").orElseThrow().brokers().get(1);
      await().until(() -> broker.state() == BrokerState.WAITING);
      assertThat(broker.failure().orElseThrow().wireReason()).isEqualTo("waiting_for_descriptors");

      disk.setTrouble((_, _) -> {});

      await().atMost(Duration.ofSeconds(30)).until(() -> broker.state() == BrokerState.RUNNING);
    }
  }

  @Test
  void aClusterWhoseDirectoryCannotBeListedIsNotServedAndTheOthersAre() throws IOException {
    makeClusters();
    TroubledDisk disk =
        failing(
            (operation, path) ->
                (operation == Operation.LIST && isNamed(path, "c2"))
                    || (operation == Operation.READ && path.toString().contains("/c2/")));

    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      assertThat(new DescribeClusters(deployment.deployment()).notServed())
          .singleElement()
          .satisfies(each -> assertThat(each.reason()).contains("Input/output error"));
      events.awaitAll(deployment);
    }
  }

  @Test
  void copiesThatCannotBeReadOrWrittenKeepNothingFromBeingServed() throws IOException {
    makeClusters();
    TroubledDisk disk =
        failing(
            (operation, path) ->
                (operation == Operation.READ || operation == Operation.WRITE)
                    && isNamed(path, "deployment.json", "cluster.json", "broker.json"));

    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      deployment.awaitReady();
      assertThat(new DescribeClusters(deployment.deployment()).notServed()).isEmpty();
      events.awaitAll(deployment);
    }
  }

  @Test
  void aStartIsRefusedWhenNoCopyOfTheDeploymentsFileCanBeRead() throws IOException {
    makeClusters();
    TroubledDisk disk =
        failing((operation, path) -> isNamed(path, "deployment.json", "deployment.copy"));

    assertThatThrownBy(() -> TestDeployment.open(TestDeployment.config(disk, data)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Input/output error");
  }

  @Test
  void whoRecoversSeesTheOthersBesideABrokerThatCannotBeRead() throws IOException {
    makeClusters();
    TroubledDisk disk =
        failing(
            (operation, path) ->
                operation == Operation.READ && path.toString().contains("/c1/broker-2/"));

    List<String> report;
    try (var recover = RecoverDeployment.open(List.of(data), disk, InstantSource.system())) {
      report = recover.report();
    }

    assertThat(report)
        .anyMatch(line -> line.contains("broker 2: its directory cannot be looked at"))
        .anyMatch(line -> line.contains("broker 3: has its directory"))
        .anyMatch(line -> line.contains("cluster c2"));
  }
}
