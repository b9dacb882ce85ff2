package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.store.PartitionDirectories;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A replica is rebuilt on a broker whose directories do not have the names that they have on its
 * source: whose one is stands in it.
 */
@Execution(ExecutionMode.CONCURRENT)
class TakenNamesTest {
  private static final SystemDisk DISK = new SystemDisk();
  private static final List<Path> NAMES =
      List.of(Path.of("topics/t-0"), Path.of("topics/t-1"), Path.of("topics/t-2"));

  @TempDir Path data;

  private final AckedEvents events = new AckedEvents("c1");
  private Path broker;
  private Path topics;

  @BeforeEach
  void makeCluster() throws IOException {
    broker = data.resolve("c1/broker-3");
    topics = broker.resolve("topics");
    try (var deployment = TestDeployment.open(data)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      events.publish(deployment, 30);
      // The other two are enough for an ack.
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> PartitionDirectories.groups(DISK, broker).keySet().containsAll(NAMES));
    }
  }

  private void assertWholeAfterAStart() throws IOException {
    for (int start = 0; start < 2; start++) {
      try (var deployment = TestDeployment.open(data)) {
        deployment.awaitReady();
        AckedEvents.awaitWhole(deployment, "c1", 3);
        events.publish(deployment, 5);
        events.awaitAll(deployment);
        AckedEvents.awaitWhole(deployment, "c1", 3);
      }
    }
    Map<Path, Integer> sources = PartitionDirectories.groups(DISK, data.resolve("c1/broker-1"));
    Map<Path, Integer> rebuilt = PartitionDirectories.groups(DISK, broker);
    assertThat(rebuilt.values()).containsExactlyInAnyOrderElementsOf(sources.values());
  }

  @Test
  void aRebuiltReplicaDoesNotTakeTheDirectoryOfAnotherGroup() throws IOException {
    DISK.deleteTree(topics.resolve("t-0"));
    int other = PartitionDirectories.groups(DISK, broker).get(Path.of("topics/t-1"));
    Files.move(topics.resolve("t-1"), topics.resolve("t-0"));
    Files.writeString(topics.resolve("t-0/mark"), "the other group's");

    assertWholeAfterAStart();

    assertThat(topics.resolve("t-0/mark")).hasContent("the other group's");
    assertThat(PartitionDirectories.groups(DISK, broker))
        .containsEntry(Path.of("topics/t-0"), other);
  }

  @Test
  void aRebuiltReplicaDoesNotTakeADirectoryThatMayBeAnybodys() throws IOException {
    Files.move(topics.resolve("t-0"), topics.resolve("a"));
    DISK.deleteTree(broker.resolve("raft"));
    Files.createDirectory(topics.resolve("t-0"));
    Files.writeString(topics.resolve("t-0/mark"), "unknown");

    assertWholeAfterAStart();

    try (Stream<Path> files = Files.walk(data)) {
      assertThat(files.filter(path -> path.endsWith("t-0/mark")))
          .singleElement()
          .satisfies(path -> assertThat(path).hasContent("unknown"));
    }
  }

  @Test
  void anOldDirectoryOfALostReplicaGoesWhateverItsName() throws IOException {
    Files.move(topics.resolve("t-0"), topics.resolve("a"));
    DISK.deleteTree(broker.resolve("raft"));

    assertWholeAfterAStart();

    assertThat(topics.resolve("a")).doesNotExist();
    assertThat(topics.resolve("t-0")).exists();
  }
}
