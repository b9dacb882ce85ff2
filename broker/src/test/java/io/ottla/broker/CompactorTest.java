package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.SegmentSummary;
import io.ottla.log.StoredRecord;
import io.ottla.metadata.Topic;
import io.ottla.replication.ReplicationSettings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Three replicas of a compacted topic: the same files, whoever decides, whatever breaks. */
@Execution(ExecutionMode.CONCURRENT)
class CompactorTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration TOMBSTONES_STAY = Duration.ofMinutes(1);
  private static final int BATCH_CRC_COVERS_FROM = 21;

  @TempDir Path data;

  private final AtomicLong aheadMs = new AtomicLong();

  /** Key → value of all that was acked. */
  private final Map<String, String> table = new TreeMap<>();

  private Deployment.Config config;
  private int counter;

  @BeforeEach
  void configure() {
    Deployment.Config usual = TestDeployment.config(data);
    InstantSource clock = new TestTime(() -> System.currentTimeMillis() + aheadMs.get());
    config =
        new Deployment.Config(
            usual.dataDirectories(),
            usual.host(),
            usual.port(),
            usual.disk(),
            clock,
            new BrokerSettings(
                ReplicationSettings.forTests(),
                100,
                50,
                Duration.ofMillis(50),
                Duration.ofMillis(50),
                Duration.ofHours(1),
                TOMBSTONES_STAY));
  }

  @Test
  void replicasHoldTheSameFilesAlsoAfterAFailOverAndARestart() throws IOException {
    try (var deployment = TestDeployment.open(config)) {
      deployment.createCluster("c1", 3);
      createTopic(deployment);
      publish(deployment, 150);
      long before = bytes(deployment);

      TestDeployment.untilDone(compactor(deployment)::sweep, () -> bytes(deployment) < before / 2);
      awaitEqualFiles(deployment);
      assertThat(readTable(deployment)).isEqualTo(table);

      value(new ControlBroker(deployment.deployment()).stop("c1", 1, StopMode.CRASH));
      aheadMs.addAndGet(2 * TOMBSTONES_STAY.toMillis());
      publish(deployment, 90);
      compactor(deployment).sweep();
      publish(deployment, 10);
      value(new ControlBroker(deployment.deployment()).start("c1", 1));
      publish(deployment, 10);

      awaitEqualFiles(deployment);
      assertThat(readTable(deployment)).isEqualTo(table);
    }
    try (var deployment = TestDeployment.open(config)) {
      deployment.awaitReady();
      publish(deployment, 10);
      awaitEqualFiles(deployment);
      assertThat(readTable(deployment)).isEqualTo(table);
    }
  }

  @Test
  void aFollowerWhoseBytesAreDamagedIsRepairedFromTheOthers() throws IOException {
    try (var deployment = TestDeployment.open(config)) {
      deployment.createCluster("c1", 3);
      createTopic(deployment);
      publish(deployment, 60);
      awaitEqualFiles(deployment);
      Cluster cluster = cluster(deployment);
      ClusterDataGroup group = cluster.dataGroup(topic(cluster).groupOfPartition().getFirst());
      int leader = TestDeployment.awaitLeader(group);
      Broker follower = cluster.broker(leader % 3 + 1).orElseThrow();
      var damaged = follower.store(group.number()).orElseThrow();
      PartitionReplica replica = damaged.partition(topic(cluster).id(), 0).orElseThrow();
      flipBit(file(follower, group, replica, replica.segments().getFirst()));

      compactor(deployment).sweep();

      awaitEqualFiles(deployment);
      assertThat(follower.store(group.number())).contains(damaged);
      publish(deployment, 10);
      awaitEqualFiles(deployment);
      assertThat(readTable(deployment)).isEqualTo(table);
      assertThat(follower.state()).isEqualTo(ClusterDescription.BrokerState.RUNNING);
    }
  }

  @Test
  void aLeaderWhoseBytesAreDamagedLeavesThePartitionAlone() throws IOException {
    try (var deployment = TestDeployment.open(config)) {
      deployment.createCluster("c1", 1);
      createTopic(deployment);
      publish(deployment, 60);
      Cluster cluster = cluster(deployment);
      ClusterDataGroup group = cluster.dataGroup(1);
      PartitionReplica replica =
          TestDeployment.awaitLeaderStore(group).partition(topic(cluster).id(), 0).orElseThrow();
      List<SegmentSummary> segments = replica.segments();
      flipBit(file(cluster.broker(1).orElseThrow(), group, replica, segments.getFirst()));

      compactor(deployment).sweep();

      assertThat(replica.segments()).isEqualTo(segments);
      publish(deployment, 10);
      assertThat(group.leaderStore()).isPresent();
    }
  }

  private void createTopic(TestDeployment deployment) {
    value(
        new CreateTopic(deployment.deployment())
            .create(
                new CreateTopic.Request(
                    Optional.empty(),
                    "t",
                    OptionalInt.of(3),
                    OptionalDouble.empty(),
                    OptionalLong.empty(),
                    OptionalLong.of(1024),
                    Optional.of("lz4"),
                    Optional.of("compact"),
                    OptionalInt.empty())));
  }

  private static Cluster cluster(TestDeployment deployment) {
    return deployment.deployment().all().getFirst();
  }

  private static Compactor compactor(TestDeployment deployment) {
    return cluster(deployment).compactor();
  }

  private static Topic topic(Cluster cluster) {
    return cluster.view().topic("t").orElseThrow();
  }

  /** Every fifth one is a tombstone. */
  private void publish(TestDeployment deployment, int count) {
    for (int i = 0; i < count; i++) {
      int number = counter++;
      String key = "key-" + number * 7 % 12;
      String text = number % 5 == 0 ? null : "value-" + number + "-" + "x".repeat(40);
      var event =
          new ProduceRequest.Event(
              null,
              bytes(key),
              text == null ? null : bytes(text),
              List.of(),
              ProduceRequest.Event.NO_TIMESTAMP);
      var result =
          value(
              new ProduceEvents(deployment.deployment(), InstantSource.system())
                  .produce(
                      new ProduceRequest(
                          Optional.empty(), "t", List.of(event), TIMEOUT, Optional.empty())));
      assertThat(result.events().getFirst())
          .isInstanceOf(ProduceResult.EventResult.Committed.class);
      if (text == null) {
        table.remove(key);
      } else {
        table.put(key, text);
      }
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static long bytes(TestDeployment deployment) {
    Cluster cluster = cluster(deployment);
    long bytes = 0;
    for (int partition = 0; partition < 3; partition++) {
      bytes +=
          TestDeployment.awaitLeaderReader(
                  cluster.dataGroup(topic(cluster).groupOfPartition().get(partition)))
              .extent(topic(cluster).id(), partition)
              .orElseThrow()
              .sizeBytes();
    }
    return bytes;
  }

  private static void awaitEqualFiles(TestDeployment deployment) {
    await()
        .atMost(TIMEOUT)
        .ignoreException(UncheckedIOException.class)
        .untilAsserted(() -> assertEqualFiles(deployment));
  }

  private static void assertEqualFiles(TestDeployment deployment) {
    Cluster cluster = cluster(deployment);
    for (int partition = 0; partition < 3; partition++) {
      ClusterDataGroup group = cluster.dataGroup(topic(cluster).groupOfPartition().get(partition));
      List<List<String>> files = new ArrayList<>();
      for (Broker broker : group.replicas()) {
        files.add(files(broker, group, topic(cluster), partition));
      }
      assertThat(files).hasSize(3);
      assertThat(files.get(1)).isEqualTo(files.get(0)).isNotEmpty();
      assertThat(files.get(2)).isEqualTo(files.get(0));
    }
  }

  /** Name and checksum of each segment's file. */
  private static List<String> files(
      Broker broker, ClusterDataGroup group, Topic topic, int partition) {
    var store = broker.store(group.number());
    if (store.isEmpty() || store.get().partition(topic.id(), partition).isEmpty()) {
      return List.of("not there: broker " + broker.id());
    }
    PartitionReplica replica = store.get().partition(topic.id(), partition).get();
    List<String> files = new ArrayList<>();
    try {
      for (SegmentSummary segment : replica.segments()) {
        Path file = file(broker, group, replica, segment);
        CRC32C checksum = new CRC32C();
        checksum.update(Arrays.copyOf(Files.readAllBytes(file), (int) segment.sizeBytes()));
        files.add(file.getFileName() + " " + HexFormat.of().toHexDigits(checksum.getValue()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  private static Path file(
      Broker broker, ClusterDataGroup group, PartitionReplica replica, SegmentSummary segment) {
    PartitionReader reader = broker.store(group.number()).orElseThrow().reader();
    String name =
        segment.compactions() == 0
            ? String.format(Locale.ROOT, "%020d.log", segment.baseOffset())
            : String.format(
                Locale.ROOT, "%020d.%d.log", segment.baseOffset(), segment.compactions());
    return broker
        .directory()
        .resolve(reader.extent(replica.topicId(), replica.partition()).orElseThrow().directory())
        .resolve(name);
  }

  private static void flipBit(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(BATCH_CRC_COVERS_FROM + 50);
      int old = bytes.read();
      bytes.seek(BATCH_CRC_COVERS_FROM + 50);
      bytes.write(old ^ 2);
    }
  }

  /** The table that a reader of the leaders makes. */
  private static Map<String, String> readTable(TestDeployment deployment) throws IOException {
    Cluster cluster = cluster(deployment);
    Map<String, String> made = new TreeMap<>();
    for (int partition = 0; partition < 3; partition++) {
      PartitionReader reader =
          TestDeployment.awaitLeaderReader(
              cluster.dataGroup(topic(cluster).groupOfPartition().get(partition)));
      long offset = 0;
      while (true) {
        var read =
            (PartitionRead.Batches) reader.read(topic(cluster).id(), partition, offset, 1 << 20);
        if (!read.bytes().hasRemaining()) {
          break;
        }
        for (RecordBatch batch : RecordBatches.in(read.bytes())) {
          for (StoredRecord record : batch.records()) {
            if (record.value() == null) {
              made.remove(text(record.key()));
            } else {
              made.put(text(record.key()), text(record.value()));
            }
          }
          offset = batch.nextOffset();
        }
      }
    }
    return made;
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
