package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.disk.SystemDisk;
import io.ottla.log.CorruptBatchException;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.StoredRecord;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Bytes rot in the files of one broker: readers get their events all the same, and it heals. */
@Execution(ExecutionMode.CONCURRENT)
class RottenBytesTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir Path data;

  private final List<String> acked = new ArrayList<>();

  @Test
  void aReaderOfADamagedLeaderGetsItsEventsFromTheOthers() throws IOException {
    try (var deployment = open(3)) {
      publish(deployment, 30);
      int leader = leader(deployment);
      byte[] whole = Files.readAllBytes(file(leader));
      for (int at : new int[] {8, 10, 23, 61, whole.length / 2, whole.length - 1}) {
        flip(file(leader), at);

        assertThat(texts(deployment, leader)).isEqualTo(acked);
        assertThat(Files.readAllBytes(file(leader))).isEqualTo(whole);
      }
    }
  }

  @Test
  void aRebuildTakesWhatItsSourceHasDamagedFromAnotherMember() throws IOException {
    try (var deployment = open(3)) {
      publish(deployment, 30);
      int leader = leader(deployment);
      int rebuilt = leader % 3 + 1;
      loseReplica(deployment, rebuilt);
      byte[] whole = Files.readAllBytes(file(leader));
      flip(file(leader), 70);

      value(new ControlBroker(deployment.deployment()).start("c1", rebuilt));
      awaitReplica(deployment, rebuilt);

      assertThat(Files.readAllBytes(file(rebuilt))).isEqualTo(whole);
      assertThat(texts(deployment, rebuilt)).isEqualTo(acked);
    }
  }

  @Test
  void damageThatAllHaveKeepsNoReplicaOutAndStaysKnown() throws IOException {
    try (var deployment = open(3)) {
      publish(deployment, 30);
      int leader = leader(deployment);
      int rebuilt = leader % 3 + 1;
      int third = rebuilt % 3 + 1;
      loseReplica(deployment, rebuilt);
      for (int damaged : new int[] {leader, third}) {
        flip(file(damaged), 24);
      }

      value(new ControlBroker(deployment.deployment()).start("c1", rebuilt));
      awaitReplica(deployment, rebuilt);

      PartitionReader reader = reader(deployment, rebuilt).orElseThrow();
      assertThatThrownBy(() -> reader.read(topic(deployment).id(), 0, 0, 1))
          .isInstanceOf(CorruptBatchException.class)
          .hasMessageContaining("offset=0");
      assertThat(texts(reader, topic(deployment), 1)).isEqualTo(acked.subList(1, acked.size()));
      publish(deployment, 3);
      awaitReplica(deployment, leader);
      assertThat(texts(reader(deployment, leader).orElseThrow(), topic(deployment), 1))
          .isEqualTo(acked.subList(1, acked.size()));
    }
  }

  @Test
  void theOnlyBrokerServesWhatIsNotDamaged() throws IOException {
    try (var deployment = open(1)) {
      publish(deployment, 30);
    }
    byte[] whole = Files.readAllBytes(file(1));
    int batchBytes = whole.length / 30;
    flip(file(1), 3 * batchBytes + 10);
    flip(file(1), 5 * batchBytes + 24);

    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      publish(deployment, 5);

      PartitionReader reader = reader(deployment, 1).orElseThrow();
      for (int offset = 0; offset < acked.size(); offset++) {
        if (offset == 3 || offset == 5) {
          int damaged = offset;
          assertThatThrownBy(() -> reader.read(topic(deployment).id(), 0, damaged, 1))
              .isInstanceOf(CorruptBatchException.class)
              .hasMessageContaining("offset=" + damaged);
        } else {
          assertThat(textAt(reader, topic(deployment), offset)).isEqualTo(acked.get(offset));
        }
      }
    }
  }

  @Test
  void twoBrokersThatBothLostSomethingHealEachOther() throws IOException {
    try (var deployment = open(3)) {
      publish(deployment, 30);
    }
    byte[] whole = Files.readAllBytes(file(1));
    Files.write(file(1), Arrays.copyOf(whole, whole.length / 3));
    flip(file(2), 100);
    Files.delete(file(3));

    try (var deployment = TestDeployment.open(data)) {
      deployment.awaitReady();
      publish(deployment, 5);
      for (int broker = 1; broker <= 3; broker++) {
        awaitReplica(deployment, broker);
        assertThat(texts(deployment, broker)).isEqualTo(acked);
      }
    }
  }

  @Test
  void randomDamageOfOneBrokerIsHealedUnderReadsAndAppends() throws IOException {
    long seed = Long.getLong("ottla.seed", new Random().nextLong());
    Random random = new Random(seed);
    try (var deployment = open(3)) {
      publish(deployment, 20);
      for (int round = 0; round < 40; round++) {
        int damaged = 1 + random.nextInt(3);
        String what = damage(random, file(damaged));
        publish(deployment, 2);

        for (int broker = 1; broker <= 3; broker++) {
          assertThat(texts(deployment, broker))
              .as("seed %d round %d broker %d, damaged %d: %s", seed, round, broker, damaged, what)
              .isEqualTo(acked);
        }
      }
      byte[] first = Files.readAllBytes(file(1));
      assertThat(Files.readAllBytes(file(2))).as("seed %d", seed).isEqualTo(first);
      assertThat(Files.readAllBytes(file(3))).as("seed %d", seed).isEqualTo(first);
    }
  }

  @Test
  void theScrubberRepairsWhatNobodyReads() throws IOException {
    try (var deployment = open(3)) {
      publish(deployment, 30);
      int follower = leader(deployment) % 3 + 1;
      awaitReplica(deployment, follower);
      byte[] whole = Files.readAllBytes(file(follower));
      flip(file(follower), whole.length - 10);
      write(file(follower), 0, new byte[200]);

      Scrubber scrubber =
          new Scrubber(
              "test",
              () -> cluster(deployment).brokers().get(follower - 1).stores(),
              () -> true,
              new ScrubPace(1 << 30));
      await()
          .atMost(TIMEOUT)
          .until(
              () -> {
                scrubber.step();
                return scrubber.counts().rounds() > 0;
              });

      assertThat(Files.readAllBytes(file(follower))).isEqualTo(whole);
    }
  }

  @Test
  void aCheckNamesWhoDiffersAndWhatIsDamaged() throws IOException {
    try (var deployment = open(3)) {
      publish(deployment, 30);
      for (int broker = 1; broker <= 3; broker++) {
        awaitReplica(deployment, broker);
      }
      CheckCluster check = new CheckCluster(deployment.deployment());
      var ofTopic =
          new CheckCluster.Request("c1", Optional.of("t"), Optional.empty(), Duration.ofHours(1));

      ClusterCheck.PartitionCheck before = value(check.check(ofTopic)).partitions().getFirst();
      forge(file(2));
      ClusterCheck.PartitionCheck forged = value(check.check(ofTopic)).partitions().getFirst();
      for (int broker = 1; broker <= 3; broker++) {
        flip(file(broker), 70 + (int) Files.size(file(broker)) / 2);
      }
      ClusterCheck.PartitionCheck damaged = value(check.check(ofTopic)).partitions().getFirst();

      assertThat(before.equal()).isTrue();
      assertThat(before.brokers()).containsExactly(1, 2, 3);
      assertThat(before.comparedOffsets()).isEqualTo(30);
      assertThat(before.bytes()).isEqualTo(Files.size(file(1)));
      assertThat(forged.differing()).containsExactly(2);
      assertThat(forged.damaged()).isEmpty();
      assertThat(damaged.damaged()).hasSize(3);
      assertThat(damaged.damaged().getFirst().file())
          .isEqualTo(Path.of("topics/t-0/00000000000000000000.log"));
    }
  }

  @Test
  void aCheckSaysWhoseReplicaItCouldNotLookAt() throws IOException {
    try (var deployment = open(3)) {
      publish(deployment, 30);
      awaitReplica(deployment, 1);
      awaitReplica(deployment, 3);
      value(new ControlBroker(deployment.deployment()).stop("c1", 2, StopMode.CRASH));

      ClusterCheck check = check(deployment);

      assertThat(check.complete()).isFalse();
      assertThat(check.next()).isEmpty();
      assertThat(check.partitions().getFirst().brokers()).containsExactly(1, 3);
      assertThat(check.partitions().getFirst().missing()).containsExactly(2);
      assertThat(check.equal()).isTrue();
    }
  }

  @Test
  void aCheckFindsDamageOfTheOnlyReplica() throws IOException {
    try (var deployment = open(1)) {
      publish(deployment, 30);
      awaitReplica(deployment, 1);
      ClusterCheck before = check(deployment);
      flip(file(1), 70 + (int) Files.size(file(1)) / 2);

      ClusterCheck damaged = check(deployment);

      assertThat(before.equal()).isTrue();
      assertThat(before.partitions().getFirst().comparedOffsets()).isEqualTo(30);
      assertThat(damaged.equal()).isFalse();
      assertThat(damaged.complete()).isTrue();
      assertThat(damaged.partitions().getFirst().damaged()).hasSize(1);
    }
  }

  private static ClusterCheck check(TestDeployment deployment) {
    return value(
        new CheckCluster(deployment.deployment())
            .check(
                new CheckCluster.Request(
                    "c1", Optional.of("t"), Optional.empty(), Duration.ofHours(1))));
  }

  @Test
  void aCheckThatRunsOutOfTimeGoesOnWhereItStopped() throws IOException {
    try (var deployment = open(3)) {
      deployment.createTopic("u", 4);
      publish(deployment, 10);
      CheckCluster check = new CheckCluster(deployment.deployment());
      List<String> seen = new ArrayList<>();

      Optional<CheckCursor> from = Optional.empty();
      do {
        ClusterCheck part =
            value(
                check.check(new CheckCluster.Request("c1", Optional.empty(), from, Duration.ZERO)));
        assertThat(part.partitions()).hasSize(1);
        seen.add(part.partitions().getFirst().topic() + part.partitions().getFirst().partition());
        from = part.next().flatMap(cursor -> CheckCursor.parse(cursor.toString()));
      } while (from.isPresent());

      assertThat(seen).contains("t0", "u0", "u1", "u2", "u3").doesNotHaveDuplicates();
    }
  }

  /** Changes a record and makes the checksum fit. */
  private static void forge(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    int sizeBytes = 12 + bytes.getInt(8);
    bytes.put(sizeBytes - 2, (byte) (bytes.get(sizeBytes - 2) ^ 1));
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 21, sizeBytes - 21);
    bytes.putInt(17, (int) crc.getValue());
    write(file, 0, bytes.array());
  }

  /** Flips, zeroes or overwrites bytes, or cuts a header out of a file in use. */
  private static String damage(Random random, Path file) throws IOException {
    int size = (int) Files.size(file);
    int at = random.nextInt(size);
    int kind = random.nextInt(4);
    byte[] bytes =
        new byte
            [switch (kind) {
              case 0 -> 1;
              case 1 -> Math.min(1 + random.nextInt(300), size - at);
              case 2 -> size - at;
              default -> Math.min(61, size - at);
            }];
    if (kind == 0 || kind == 3) {
      random.nextBytes(bytes);
    }
    write(file, at, bytes);
    return "kind %d at %d of %d".formatted(kind, at, size);
  }

  private TestDeployment open(int brokers) throws IOException {
    TestDeployment deployment = TestDeployment.open(data);
    deployment.createCluster("c1", brokers);
    deployment.createTopic("t", 1);
    return deployment;
  }

  /** The disk of a broker is lost while it is down. */
  private void loseReplica(TestDeployment deployment, int broker) throws IOException {
    value(new ControlBroker(deployment.deployment()).stop("c1", broker, StopMode.CRASH));
    Path directory = data.resolve("c1/broker-" + broker);
    for (String part : List.of("raft", "checkpoints", "topics")) {
      new SystemDisk().deleteTree(directory.resolve(part));
    }
    publish(deployment, 1);
  }

  private Path file(int broker) {
    return data.resolve("c1/broker-" + broker + "/topics/t-0/00000000000000000000.log");
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    write(file, at, new byte[] {(byte) (bytes[at] ^ 4)});
  }

  private static void write(Path file, int at, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), at);
    }
  }

  private void publish(TestDeployment deployment, int count) {
    for (int i = 0; i < count; i++) {
      String text = "event-" + (1000 + acked.size());
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      var event =
          new ProduceRequest.Event(null, null, bytes, List.of(), ProduceRequest.Event.NO_TIMESTAMP);
      ProduceResult result =
          value(
              new ProduceEvents(deployment.deployment(), InstantSource.system())
                  .produce(
                      new ProduceRequest(
                          Optional.empty(), "t", List.of(event), TIMEOUT, Optional.empty())));
      var committed = (ProduceResult.EventResult.Committed) result.events().getFirst();
      assertThat(committed.offset()).isEqualTo(acked.size());
      acked.add(text);
    }
  }

  private static Topic topic(TestDeployment deployment) {
    return cluster(deployment).view().topic("t").orElseThrow();
  }

  private static Cluster cluster(TestDeployment deployment) {
    return deployment.deployment().all().getFirst();
  }

  private static ClusterDataGroup group(TestDeployment deployment) {
    return cluster(deployment).dataGroup(topic(deployment).groupOfPartition().get(0));
  }

  private static int leader(TestDeployment deployment) {
    return await()
        .atMost(TIMEOUT)
        .until(() -> group(deployment).replication().leadership(), Optional::isPresent)
        .orElseThrow()
        .brokerId();
  }

  private static Optional<PartitionReader> reader(TestDeployment deployment, int broker) {
    return cluster(deployment)
        .broker(broker)
        .flatMap(found -> found.store(group(deployment).number()))
        .map(store -> store.reader());
  }

  /** Waits until a broker's replica has all that was acked. */
  private void awaitReplica(TestDeployment deployment, int broker) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                reader(deployment, broker)
                    .flatMap(reader -> reader.range(topic(deployment).id(), 0))
                    .filter(range -> range.endOffset() == acked.size())
                    .isPresent());
  }

  private List<String> texts(TestDeployment deployment, int broker) {
    awaitReplica(deployment, broker);
    return texts(reader(deployment, broker).orElseThrow(), topic(deployment), 0);
  }

  private static String textAt(PartitionReader reader, Topic topic, int offset) throws IOException {
    var read = (PartitionRead.Batches) reader.read(topic.id(), 0, offset, 1);
    for (RecordBatch batch : RecordBatches.in(read.bytes())) {
      for (StoredRecord record : batch.records()) {
        if (record.offset() == offset) {
          return StandardCharsets.UTF_8.decode(record.value().duplicate()).toString();
        }
      }
    }
    return "nothing";
  }

  private static List<String> texts(PartitionReader reader, Topic topic, int from) {
    List<String> texts = new ArrayList<>();
    try {
      while (true) {
        long offset = (long) from + texts.size();
        var read = (PartitionRead.Batches) reader.read(topic.id(), 0, offset, 1 << 20);
        if (!read.bytes().hasRemaining()) {
          return texts;
        }
        for (RecordBatch batch : RecordBatches.in(read.bytes())) {
          for (StoredRecord record : batch.records()) {
            assertThat(record.offset()).isEqualTo(from + texts.size());
            texts.add(StandardCharsets.UTF_8.decode(record.value().duplicate()).toString());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
