package io.ottla.broker;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.TroubledDisk.Operation;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Identity files and whole directories go missing, rot, or come back as they were long ago. */
@Execution(ExecutionMode.CONCURRENT)
class LostDirectoriesTest {
  @TempDir Path data;
  @TempDir Path otherData;

  private final AckedEvents events = new AckedEvents("c1");

  private void makeCluster(int brokers, Path... dataDirectories) throws IOException {
    try (var deployment = TestDeployment.open(dataDirectories)) {
      deployment.createCluster("c1", brokers);
      deployment.createTopic("t", 3);
      events.publish(deployment, 20);
    }
  }

  private void serves(Path... dataDirectories) throws IOException {
    try (var deployment = TestDeployment.open(dataDirectories)) {
      deployment.awaitReady();
      events.awaitAll(deployment);
      events.publish(deployment, 5);
      events.awaitAll(deployment);
    }
  }

  @Test
  void theOnlyBrokerWithoutBrokerJsonKeepsItsData() throws IOException {
    makeCluster(1, data);
    Files.delete(data.resolve("c1/broker-1/broker.json"));

    serves(data);
  }

  @Test
  void theOnlyBrokerWithoutAnyIdentityKeepsItsData() throws IOException {
    makeCluster(1, data);
    deleteIdentity(data.resolve("c1/broker-1"));

    serves(data);
  }

  @Test
  void brokersThatAllLackTheirIdentityKeepTheirData() throws IOException {
    makeCluster(3, data);
    for (int broker = 1; broker <= 3; broker++) {
      deleteIdentity(data.resolve("c1/broker-" + broker));
    }

    serves(data);
  }

  private static void deleteIdentity(Path broker) throws IOException {
    Files.delete(broker.resolve("broker.json"));
    Files.deleteIfExists(broker.resolve("broker.copy"));
  }

  @Test
  void oneBrokerWithoutIdentityIsSetAsideAndRebuilt() throws IOException {
    makeCluster(3, data);
    deleteIdentity(data.resolve("c1/broker-2"));
    Files.writeString(data.resolve("c1/broker-2/topics/mark"), "still there");

    serves(data);

    assertThat(setAside(data.resolve("c1"), 2))
        .singleElement()
        .satisfies(
            path -> {
              assertThat(path.getFileName().toString()).endsWith("-no-identity");
              assertThat(path.resolve("topics/mark")).hasContent("still there");
            });
  }

  private static List<Path> setAside(Path cluster, int broker) throws IOException {
    try (Stream<Path> entries = Files.list(cluster)) {
      return entries
          .filter(
              path -> path.getFileName().toString().startsWith("broker-" + broker + ".set-aside-"))
          .sorted()
          .toList();
    }
  }

  @Test
  void whatTooFewOthersCouldRebuildIsNotTouched() throws IOException {
    makeCluster(3, data);
    deleteIdentity(data.resolve("c1/broker-2"));
    AckedEvents.copyTree(data.resolve("c1/broker-3"), otherData.resolve("kept"));
    new SystemDisk().deleteTree(data.resolve("c1/broker-3"));

    try (var deployment = TestDeployment.open(data)) {
      assertThat(new Readiness(deployment.deployment()).reasonsNotReady())
          .anyMatch(reason -> reason.contains("broker 2") && reason.contains("nothing was touched"))
          .anyMatch(reason -> reason.contains("broker 3") && reason.contains("missing"));
      assertThat(data.resolve("c1/broker-2/topics")).exists();
      assertThat(data.resolve("c1/broker-3")).doesNotExist();
      assertThat(setAside(data.resolve("c1"), 2)).isEmpty();

      AckedEvents.copyTree(otherData.resolve("kept"), data.resolve("c1/broker-3"));
      var control = new ControlBroker(deployment.deployment());
      value(control.start("c1", 3));
      value(control.start("c1", 2));
      deployment.awaitReady();
      events.awaitAll(deployment);
      AckedEvents.awaitWhole(deployment, "c1", 2);
    }
    assertThat(setAside(data.resolve("c1"), 2)).hasSize(1);
  }

  @Test
  void brokersReplacedWhileTheProcessRunsAreTheirOwnAtTheNextStart() throws IOException {
    makeCluster(3, data);
    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      var control = new ControlBroker(deployment.deployment());
      for (int broker = 1; broker <= 2; broker++) {
        value(control.stop("c1", broker, StopMode.CLEAN));
        new SystemDisk().deleteTree(data.resolve("c1/broker-" + broker));
        value(control.start("c1", broker));
        AckedEvents.awaitWhole(deployment, "c1", broker);
      }
    }
    Files.writeString(data.resolve("c1/broker-1/topics/mark"), "still there");

    serves(data);

    assertThat(data.resolve("c1/broker-1/topics/mark")).hasContent("still there");
    assertThat(setAside(data.resolve("c1"), 1)).isEmpty();
    assertThat(setAside(data.resolve("c1"), 2)).isEmpty();
  }

  @Test
  void anOldCopyOfADirectoryIsSetAsideAndDoesNotVote() throws IOException {
    makeCluster(3, data);
    AckedEvents.copyTree(data.resolve("c1/broker-2"), otherData.resolve("old"));
    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      events.publish(deployment, 30);
    }
    new SystemDisk().deleteTree(data.resolve("c1/broker-2"));
    AckedEvents.copyTree(otherData.resolve("old"), data.resolve("c1/broker-2"));

    serves(data);

    assertThat(setAside(data.resolve("c1"), 2))
        .singleElement()
        .satisfies(path -> assertThat(path.toString()).endsWith("-older-copy"));
  }

  @Test
  void anOldCopyWithoutEnoughOthersIsRefusedInsteadOfElectedWith() throws IOException {
    makeCluster(3, data);
    AckedEvents.copyTree(data.resolve("c1/broker-2"), otherData.resolve("old"));
    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      events.publish(deployment, 30);
    }
    new SystemDisk().deleteTree(data.resolve("c1/broker-2"));
    AckedEvents.copyTree(otherData.resolve("old"), data.resolve("c1/broker-2"));
    Files.move(data.resolve("c1/broker-1"), otherData.resolve("broker-1"));

    try (var deployment = TestDeployment.open(data)) {
      assertThat(new Readiness(deployment.deployment()).reasonsNotReady())
          .anyMatch(reason -> reason.contains("older-copy"));
    }
    Files.move(otherData.resolve("broker-1"), data.resolve("c1/broker-1"));

    serves(data);
  }

  @Test
  void anotherDataDirectoryMovesNoBroker() throws IOException {
    makeCluster(3, data);

    serves(data, otherData);
    serves(otherData, data);
    serves(data);

    assertThat(otherData.resolve("c1/broker-2")).doesNotExist();
  }

  @Test
  void theOnlyDataDirectoryMayHaveAnotherPath() throws IOException {
    makeCluster(3, data.resolve("before"));
    new SystemDisk().deleteTree(data.resolve("before/c1/broker-2"));
    Files.move(data.resolve("before"), data.resolve("after"));

    serves(data.resolve("after"));
  }

  @Test
  void aDeploymentThatWasMovedStartsAgainAfterBrokersOfItWereRefused() throws IOException {
    makeCluster(3, data);
    Path moved = otherData.resolve("moved");
    AckedEvents.copyTree(data, moved);
    for (int broker = 2; broker <= 3; broker++) {
      new SystemDisk().deleteTree(moved.resolve("c1/broker-" + broker));
    }

    for (int start = 1; start <= 2; start++) {
      try (var deployment = TestDeployment.open(moved)) {
        assertThat(new Readiness(deployment.deployment()).reasonsNotReady())
            .as("start %d", start)
            .anyMatch(reason -> reason.contains("is missing or empty"));
      }
    }

    for (int broker = 2; broker <= 3; broker++) {
      AckedEvents.copyTree(
          data.resolve("c1/broker-" + broker), moved.resolve("c1/broker-" + broker));
    }
    serves(moved);
  }

  @Test
  void aStartWithoutTheDataDirectoryOfABrokerIsRefused() throws IOException {
    makeCluster(3, data, otherData);

    assertThatThrownBy(() -> TestDeployment.open(data))
        .hasMessageContaining("broker 2")
        .hasMessageContaining("--data-dir");
    assertThat(data.resolve("c1/broker-2")).doesNotExist();

    serves(data, otherData);
  }

  @Test
  void aDamagedBrokerFileIsNoOtherBrokersMatter() throws IOException {
    makeCluster(3, data);
    for (String name : List.of("broker.json", "broker.copy")) {
      Path file = data.resolve("c1/broker-2").resolve(name);
      if (Files.exists(file)) {
        flip(file, 30);
      }
    }

    serves(data);
  }

  private static void flip(Path file, int position) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[position] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void aClusterFileThatIsLostOrDamagedIsRestored() throws IOException {
    makeCluster(3, data);

    Files.delete(data.resolve("c1/cluster.json"));
    serves(data);
    flip(data.resolve("c1/cluster.json"), 20);
    serves(data);
    String text = Files.readString(data.resolve("c1/cluster.json"));
    Files.writeString(
        data.resolve("c1/cluster.json"), text.replace("\"number\" : 0", "\"number\" : 1"));
    serves(data);
    for (String name : List.of("cluster.json", "cluster.copy")) {
      Files.write(data.resolve("c1").resolve(name), new byte[0]);
    }
    serves(data);

    assertThat(data.resolve("c1/cluster.json"))
        .hasContent(Files.readString(data.resolve("c1/cluster.copy")));
  }

  @Test
  void aClusterWithoutAnyWholeFileIsRefusedAndTheOthersAreServed() throws IOException {
    makeCluster(1, data);
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c2", 1);
    }
    for (String name : List.of("c2/cluster.json", "c2/cluster.copy", "c2/broker-1/broker.json")) {
      Files.write(data.resolve(name), "{}".getBytes(StandardCharsets.UTF_8));
    }
    Files.deleteIfExists(data.resolve("c2/broker-1/broker.copy"));

    try (var deployment = TestDeployment.open(data)) {
      assertThat(new DescribeClusters(deployment.deployment()).notServed())
          .singleElement()
          .satisfies(each -> assertThat(each.logDirectory()).isEqualTo("c2"));
      assertThat(new Readiness(deployment.deployment()).reasonsNotReady())
          .anyMatch(reason -> reason.contains("log_directory c2 is damaged"));
      events.awaitAll(deployment);
      assertRequestsWithoutAClusterMeanNoOther(deployment);
      assertThat(refusal(new DeleteCluster(deployment.deployment()).delete("c2")).code())
          .isEqualTo(RefusalCode.CLUSTER_DAMAGED);
    }
    assertThat(data.resolve("c2/broker-1/raft")).exists();
  }

  /** There were two clusters before one was damaged: a client that names none may mean that one. */
  private static void assertRequestsWithoutAClusterMeanNoOther(TestDeployment deployment) {
    var describe = new DescribeTopics(deployment.deployment());
    assertThat(value(describe.one(Optional.empty(), "t")).cluster()).isEqualTo("c1");
    assertThat(refusal(describe.one(Optional.of("c1"), "u")).code())
        .isEqualTo(RefusalCode.TOPIC_NOT_FOUND);
    assertThat(refusal(describe.one(Optional.empty(), "u")).code())
        .isEqualTo(RefusalCode.CLUSTER_DAMAGED);
    Refusal required =
        refusal(
            new CreateTopic(deployment.deployment()).create(TestDeployment.topicRequest("u", 1)));
    assertThat(required.code()).isEqualTo(RefusalCode.CLUSTER_REQUIRED);
    assertThat(required.attributes()).containsEntry("candidates", List.of("c1", "c2"));
  }

  @Test
  void aLostDeploymentFileIsMadeAnewFromTheClusters() throws IOException {
    makeCluster(1, data);

    for (boolean damaged : List.of(false, true)) {
      for (String name : List.of("deployment.json", "deployment.copy")) {
        if (damaged) {
          flip(data.resolve(name), 10);
        } else {
          Files.deleteIfExists(data.resolve(name));
        }
      }
      serves(data);
    }

    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c2", 1);
      assertThat(deployment.deployment().all())
          .extracting(cluster -> cluster.identity().number())
          .containsExactly(0, 1);
    }
  }

  @Test
  void aDeploymentIsNeverEmptyInSilence() throws IOException {
    makeCluster(1, data);
    Files.delete(data.resolve("deployment.json"));
    Files.deleteIfExists(data.resolve("deployment.copy"));
    for (String name : List.of("c1/cluster.json", "c1/cluster.copy", "c1/broker-1/broker.json")) {
      Files.write(data.resolve(name), new byte[] {'{'});
    }
    Files.deleteIfExists(data.resolve("c1/broker-1/broker.copy"));

    assertThatThrownBy(() -> TestDeployment.open(data))
        .hasMessageContaining("deployment.json is missing")
        .hasMessageContaining("log_directory c1");
  }

  @Test
  void aBrokerWhoseOwnFileCouldNotBeWrittenIsItsOwnAtTheNextStart() throws IOException {
    makeCluster(1, data);
    TroubledDisk disk = new TroubledDisk();
    disk.setTrouble(
        (operation, path) -> {
          boolean writes = operation == Operation.CREATE || operation == Operation.WRITE;
          if (writes && path.getFileName().toString().startsWith("broker.")) {
            throw new IOException("no room for " + path);
          }
        });
    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      deployment.awaitReady();
      events.publish(deployment, 5);
    }

    serves(data);
    assertThat(data.resolve("c1").toFile().list()).noneMatch(name -> name.contains(".set-aside-"));
  }

  @Test
  void aBrokerWhoseForceFailsWhileItStepsAsideIsNotStartedAgain() {
    BrokerFailure waits = BrokerFailure.waiting(BrokerFailure.Want.SPACE, "below the floor");
    BrokerFailure failed = new BrokerFailure(Optional.empty(), "a force failed");

    assertThat(failed.outranks(waits)).isTrue();
    assertThat(waits.outranks(failed)).isFalse();
    assertThat(failed.outranks(failed)).isFalse();
  }

  /** The demo and the benchmarks keep theirs below the directory that a server takes by itself. */
  @Test
  void anotherDeploymentBelowADataDirectoryIsLeftAlone() throws IOException {
    Path inner = data.resolve("demo-1/data");
    makeCluster(1, Files.createDirectories(inner));

    for (int start = 0; start < 2; start++) {
      try (var deployment = TestDeployment.open(data)) {
        assertThat(deployment.deployment().all()).hasSize(start);
        assertThat(new DescribeClusters(deployment.deployment()).notServed()).isEmpty();
        if (start == 0) {
          deployment.createCluster("c2", 1);
        }
      }
    }

    serves(inner);
  }

  @Test
  void aCopyOfAClusterIsNamedAndLeftAlone() throws IOException {
    makeCluster(1, data);
    AckedEvents.copyTree(data.resolve("c1"), data.resolve("backup/of-c1"));

    try (var deployment = TestDeployment.open(data)) {
      assertThat(new DescribeClusters(deployment.deployment()).notServed())
          .singleElement()
          .satisfies(each -> assertThat(each.logDirectory()).isEqualTo("backup/of-c1"));
      deployment.awaitReady();
      events.awaitAll(deployment);
      assertThat(
              refusal(
                      new CreateCluster(deployment.deployment())
                          .create(TestDeployment.clusterRequest("backup", 1)))
                  .code())
          .isEqualTo(RefusalCode.LOG_DIRECTORY_IN_USE);
    }
  }

  @Test
  void aNewerBuildsFilesAreNotTouched() throws IOException {
    makeCluster(1, data);
    for (String name : List.of("deployment.json", "deployment.copy")) {
      Path file = data.resolve(name);
      if (Files.exists(file)) {
        Files.write(file, NewerFiles.deployment(Files.readString(file)));
      }
    }
    String cluster = Files.readString(data.resolve("c1/cluster.json"));

    assertThatThrownBy(() -> TestDeployment.open(data)).hasMessageContaining("newer");
    assertThat(data.resolve("c1/cluster.json")).hasContent(cluster);
  }
}
