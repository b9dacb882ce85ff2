package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.TroubledDisk.Operation;
import io.ottla.broker.identity.SetAsideDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker starts with directories of partitions that do not say whose they are. */
class UnknownPartitionsTest {
  private static final String METADATA = "partition.metadata";

  @TempDir Path data;

  private final AckedEvents events = new AckedEvents("c1");
  private Path topics;

  @BeforeEach
  void makeCluster() throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 1);
      deployment.createTopic("t", 3);
      events.publish(deployment, 10);
    }
    topics = data.resolve("c1/broker-1/topics");
    Files.write(topics.resolve("t-0").resolve(METADATA), new byte[] {1, 2, 3});
  }

  @Test
  void whatNoGroupTakesIsSetAsideAndSaid() throws IOException {
    Path unknown = Files.createDirectory(topics.resolve("lost-0"));
    Files.write(unknown.resolve("00000000000000000000.log"), new byte[1234]);
    Path file = Files.write(topics.resolve("note.txt"), new byte[] {1});

    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      events.awaitAll(deployment);

      List<SetAsideDirectory> aside = setAside(deployment);
      assertThat(aside).hasSize(1);
      assertThat(aside.getFirst().reason()).isEqualTo("unknown-partitions");
      assertThat(aside.getFirst().sizeBytes()).isEqualTo(1234);
      assertThat(aside.getFirst().path().resolve("topics/lost-0/00000000000000000000.log"))
          .hasSize(1234);
      assertThat(unknown).doesNotExist();
      assertThat(file).exists();
    }
  }

  @Test
  void metadataThatCannotBeReadIsNotTakenForMissing() throws IOException {
    TroubledDisk disk = new TroubledDisk();
    disk.setTrouble(
        (operation, path) -> {
          if (operation == Operation.READ && path.endsWith(METADATA)) {
            throw new IOException("Input/output error: " + path);
          }
        });

    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      Broker broker = deployment.deployment().find("c1").orElseThrow().brokers().getFirst();
      assertThat(broker.state()).isEqualTo(BrokerState.FAILED);
      assertThat(setAside(deployment)).isEmpty();
    }
    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      events.awaitAll(deployment);
      assertThat(setAside(deployment)).isEmpty();
    }
  }

  private static List<SetAsideDirectory> setAside(TestDeployment deployment) {
    return TestDeployment.value(new DescribeClusters(deployment.deployment()).one("c1"))
        .setAside()
        .orElseThrow();
  }
}
