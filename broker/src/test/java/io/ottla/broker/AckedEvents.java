package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult.Committed;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.StoredRecord;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Publishes to topic {@code t} of a cluster, and knows what was acked. One owner. */
final class AckedEvents {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final String cluster;
  private final Map<String, String> acked = new HashMap<>();
  private int counter;

  AckedEvents(String cluster) {
    this.cluster = cluster;
  }

  /** Publishes that many, each on its own; all of them are acked. */
  void publish(TestDeployment deployment, int count) {
    for (int i = 0; i < count; i++) {
      String text = cluster + "-event-" + counter++;
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      var event =
          new ProduceRequest.Event(null, null, bytes, List.of(), ProduceRequest.Event.NO_TIMESTAMP);
      var request =
          new ProduceRequest(Optional.of(cluster), "t", List.of(event), TIMEOUT, Optional.empty());
      ProduceResult result =
          value(
              new ProduceEvents(deployment.deployment(), InstantSource.system()).produce(request));
      var committed = (Committed) result.events().getFirst();
      acked.put(committed.partition() + "@" + committed.offset(), text);
    }
  }

  /** Waits until what can be read is exactly what was acked. */
  void awaitAll(TestDeployment deployment) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked));
  }

  /**
   * Waits until what can be read is what was acked, without so many that are gone at the ends of
   * partitions; these are forgotten.
   */
  void giveUpWhatIsGone(TestDeployment deployment, int atMost) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              Map<String, String> read = readAll(deployment);
              assertThat(acked).containsAllEntriesOf(read);
              assertThat(acked.size() - read.size()).isLessThanOrEqualTo(atMost);
            });
    acked.keySet().retainAll(readAll(deployment).keySet());
  }

  private Map<String, String> readAll(TestDeployment deployment) {
    Cluster found = deployment.deployment().find(cluster).orElseThrow();
    Topic topic = found.view().topic("t").orElseThrow(() -> new AssertionError("no topic yet"));
    Map<String, String> read = new HashMap<>();
    for (int partition = 0; partition < topic.partitions(); partition++) {
      DataGroup group = found.dataGroup(topic.groupOfPartition().get(partition));
      PartitionReader reader = TestDeployment.awaitLeaderReader(group);
      List<String> texts = texts(reader, topic, partition);
      for (int offset = 0; offset < texts.size(); offset++) {
        read.put(partition + "@" + offset, texts.get(offset));
      }
    }
    return read;
  }

  private static List<String> texts(PartitionReader reader, Topic topic, int partition) {
    List<String> texts = new ArrayList<>();
    try {
      while (true) {
        if (!(reader.read(topic.id(), partition, texts.size(), 1 << 20)
            instanceof PartitionRead.Batches read)) {
          throw new AssertionError("not to be read yet");
        }
        if (!read.bytes().hasRemaining()) {
          return texts;
        }
        for (RecordBatch batch : RecordBatches.in(read.bytes())) {
          for (StoredRecord record : batch.records()) {
            texts.add(StandardCharsets.UTF_8.decode(record.value().duplicate()).toString());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until every replica of a broker shows as much as its leader. */
  static void awaitWhole(TestDeployment deployment, String cluster, int broker) {
    Cluster found = deployment.deployment().find(cluster).orElseThrow();
    int groups = found.dataGroups().size();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              for (int group = 0; group <= groups; group++) {
                int number = group;
                if (!found
                    .brokers()
                    .get(broker - 1)
                    .raft()
                    .map(raft -> raft.status(number).sureOfWhatItShows())
                    .orElse(false)) {
                  return false;
                }
              }
              return true;
            });
  }

  static void copyTree(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(file, to.resolve(from.relativize(file)));
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
