package io.ottla.broker;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.TroubledDisk.Operation;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.store.PartitionRead;
import io.ottla.disk.Disk;
import io.ottla.disk.DiskSpace;
import io.ottla.disk.SystemDisk;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.StoredRecord;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Disks that are nearly full, full, and have room again: nothing acked is lost, and all comes back
 * by itself.
 */
@Execution(ExecutionMode.CONCURRENT)
class FullDiskTest {
  private static final DiskSpace ROOMY = new DiskSpace(900_000_000, 1_000_000_000);
  private static final DiskSpace BELOW_RESERVE = new DiskSpace(90_000_000, 1_000_000_000);
  private static final DiskSpace FULL = new DiskSpace(0, 1_000_000_000);
  private static final Duration BACK_WITHIN = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir Path data;

  private final TroubledDisk disk = new TroubledDisk();
  private final Map<String, String> acked = new HashMap<>();
  private int counter;

  /** Brokers fail here on purpose: what threads of their engine die of is no failure of a test. */
  private static ConditionFactory await() {
    return Awaitility.await().dontCatchUncaughtExceptions();
  }

  @Test
  void belowTheReserveNothingIsPublishedAndTheRestGoesOn() throws IOException {
    disk.setSpace(_ -> ROOMY);
    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      deployment.createTopic("old", 1);
      publish(deployment, 20);

      disk.setSpace(_ -> BELOW_RESERVE);
      await().atMost(BACK_WITHIN).until(() -> cluster(deployment).shortage().isPresent());

      Refusal refused = refusal(tryPublish(deployment, "refused", TIMEOUT));
      assertThat(refused.code()).isEqualTo(RefusalCode.DISK_FULL);
      assertThat(refused.code().retriable()).isTrue();
      assertThat(refused.attributes()).containsEntry("appended", false);
      assertThat(refused.attributes()).containsKey("retry_after_seconds");
      assertThat(refused.detail()).contains("broker-", "90000000", "100000000");
      assertThat(
              refusal(new CreateTopic(deployment.deployment()).create(topicRequest("new"))).code())
          .isEqualTo(RefusalCode.DISK_FULL);
      assertThat(
              refusal(
                      new CreateCluster(deployment.deployment())
                          .create(TestDeployment.clusterRequest("c2", 3)))
                  .code())
          .isEqualTo(RefusalCode.DISK_FULL);
      assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked);
      value(new DeleteTopic(deployment.deployment()).delete(Optional.empty(), "old"));
      assertThat(new Readiness(deployment.deployment()).reasonsNotReady()).isEmpty();

      disk.setSpace(_ -> ROOMY);
      await().atMost(BACK_WITHIN).until(() -> cluster(deployment).shortage().isEmpty());
      publish(deployment, 20);
      assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked);
    }
  }

  @Test
  void aBrokerAloneOnAFullDiskStepsAsideAndComesBack() throws IOException {
    disk.setSpace(_ -> ROOMY);
    Path second = Files.createDirectories(data.resolve("second")).toRealPath();
    var config = TestDeployment.config(disk, data.resolve("first"), second, data.resolve("third"));
    try (var deployment = TestDeployment.open(config)) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      publish(deployment, 20);

      disk.setSpace(directory -> directory.startsWith(second) ? FULL : ROOMY);
      await().atMost(TIMEOUT).until(() -> states(deployment).get(1) == BrokerState.WAITING);
      publish(deployment, 20);
      assertThat(description(deployment, 2).reason()).contains("waiting_for_space");
      assertThat(states(deployment))
          .containsExactly(BrokerState.RUNNING, BrokerState.WAITING, BrokerState.RUNNING);

      disk.setSpace(_ -> ROOMY);
      awaitAllRunning(deployment);
      publish(deployment, 20);
      assertThat(readAll(deployment)).containsExactlyInAnyOrderEntriesOf(acked);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"No space left on device", "Too many open files"})
  void brokersThatFailedForWantOfSomethingAllComeBack(String message) throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed: " + seed);
    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      for (int round = 0; round < 2; round++) {
        publish(deployment, 20);
        var random = new Random(seed + round);
        disk.setTrouble((operation, _) -> failSometimes(operation, random, message));
        // One alone has no majority, so it writes nothing that could fail.
        while (states(deployment).stream().filter(s -> s == BrokerState.RUNNING).count() > 1) {
          publishPerhaps(deployment);
        }
        assertThat(ClusterDescriptions.of(cluster(deployment)).brokers())
            .anySatisfy(
                broker -> assertThat(broker.reason().orElse("")).startsWith("waiting_for_"));

        disk.setTrouble((_, _) -> {});
        awaitAllRunning(deployment);
        publish(deployment, 20);
        assertThat(readAll(deployment)).containsAllEntriesOf(acked);
      }
    }
  }

  private static void failSometimes(Operation operation, Random random, String message)
      throws IOException {
    boolean needsRoom =
        operation == Operation.WRITE
            || operation == Operation.CREATE
            || operation == Operation.OPEN;
    synchronized (random) {
      if (needsRoom && random.nextInt(4) == 0) {
        throw new IOException(message);
      }
    }
  }

  @Test
  void aBrokerWhoseDiskIsBrokenStaysAwayAndSaysWhy() throws IOException {
    try (var deployment = TestDeployment.open(TestDeployment.config(disk, data))) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      publish(deployment, 5);
      Path broken = cluster(deployment).brokers().getFirst().directory();
      disk.setTrouble(
          (operation, path) -> {
            if (operation == Operation.WRITE && path.startsWith(broken)) {
              throw new IOException("Input/output error");
            }
          });
      await()
          .atMost(TIMEOUT)
          .until(
              () -> {
                publishPerhaps(deployment);
                return states(deployment).getFirst() == BrokerState.FAILED;
              });

      assertThat(description(deployment, 1).reason())
          .hasValueSatisfying(
              reason ->
                  assertThat(reason)
                      .containsAnyOf("apply failed", "checkpoint failed", "noting what was acked"));
      publish(deployment, 5);
      assertThat(states(deployment))
          .containsExactly(BrokerState.FAILED, BrokerState.RUNNING, BrokerState.RUNNING);
    }
  }

  /** A file system that is really full: needs the right to mount one. */
  @Test
  void aRealDiskThatWasFullIsWrittenAgain() throws IOException, InterruptedException {
    Path mounted = Files.createDirectory(data.resolve("small"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", mounted.toString()));
    try (var deployment = TestDeployment.open(TestDeployment.config(new SystemDisk(), mounted))) {
      deployment.createCluster("c1", 3);
      deployment.createTopic("t", 3);
      deployment.createTopic("old", 1);
      publish(deployment, 20);
      awaitBallast(deployment);
      Path filler = mounted.resolve("filler");
      fill(filler);
      for (int i = 0; i < 50; i++) {
        publishPerhaps(deployment);
      }
      assertThat(refusal(tryPublish(deployment, "no", Duration.ofSeconds(2))).code())
          .isEqualTo(RefusalCode.DISK_FULL);
      // Nothing can be published, and what is there can be read and deleted: by a broker that is
      // just being started on its ballast a moment later.
      await()
          .atMost(BACK_WITHIN)
          .ignoreException(NoSuchElementException.class)
          .untilAsserted(() -> assertThat(readAll(deployment)).containsAllEntriesOf(acked));
      await()
          .atMost(BACK_WITHIN)
          .until(
              () ->
                  new DeleteTopic(deployment.deployment()).delete(Optional.empty(), "old")
                      instanceof Answer.Ok);

      Files.delete(filler);
      awaitAllRunning(deployment);
      await().atMost(BACK_WITHIN).until(() -> cluster(deployment).shortage().isEmpty());
      publish(deployment, 20);
      assertThat(readAll(deployment)).containsAllEntriesOf(acked);
    } finally {
      assertThat(run("umount", "-l", mounted.toString())).isTrue();
    }
  }

  private static void awaitBallast(TestDeployment deployment) {
    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                cluster(deployment).brokers().stream()
                    .allMatch(b -> Files.exists(b.directory().resolve(Ballast.NAME))));
  }

  /** Until not a byte is left. */
  private static void fill(Path filler) throws IOException {
    Disk disk = new SystemDisk();
    try (var file = disk.open(filler, Disk.OpenMode.CREATE)) {
      long position = 0;
      for (int step = 1 << 20; step > 0; ) {
        try {
          file.write(ByteBuffer.allocate(step), position);
          position += step;
        } catch (IOException e) {
          step /= 2;
        }
      }
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  private void awaitAllRunning(TestDeployment deployment) {
    await()
        .atMost(BACK_WITHIN)
        .until(() -> states(deployment).stream().allMatch(state -> state == BrokerState.RUNNING));
    deployment.awaitReady();
  }

  private static Cluster cluster(TestDeployment deployment) {
    return deployment.deployment().all().getFirst();
  }

  private static List<BrokerState> states(TestDeployment deployment) {
    return cluster(deployment).brokers().stream().map(Broker::state).toList();
  }

  private static ClusterDescription.BrokerDescription description(
      TestDeployment deployment, int broker) {
    return ClusterDescriptions.of(cluster(deployment)).brokers().get(broker - 1);
  }

  private static CreateTopic.Request topicRequest(String name) {
    return TestDeployment.topicRequest(name, 1);
  }

  private void publish(TestDeployment deployment, int count) {
    for (int i = 0; i < count; i++) {
      String text = "event-" + counter++;
      remember(text, value(tryPublish(deployment, text, TIMEOUT)));
    }
  }

  private void publishPerhaps(TestDeployment deployment) {
    String text = "event-" + counter++;
    if (tryPublish(deployment, text, Duration.ofMillis(200))
        instanceof Answer.Ok<ProduceResult> ok) {
      remember(text, ok.value());
    }
  }

  private void remember(String text, ProduceResult result) {
    var committed = (ProduceResult.EventResult.Committed) result.events().getFirst();
    acked.put(committed.partition() + "@" + committed.offset(), text);
  }

  private static Answer<ProduceResult> tryPublish(
      TestDeployment deployment, String text, Duration timeout) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    var event =
        new ProduceRequest.Event(null, null, bytes, List.of(), ProduceRequest.Event.NO_TIMESTAMP);
    return new ProduceEvents(deployment.deployment(), InstantSource.system())
        .produce(
            new ProduceRequest(Optional.empty(), "t", List.of(event), timeout, Optional.empty()));
  }

  private static Map<String, String> readAll(TestDeployment deployment) throws IOException {
    Cluster cluster = cluster(deployment);
    Topic topic = cluster.view().topic("t").orElseThrow();
    Map<String, String> read = new HashMap<>();
    for (int partition = 0; partition < topic.partitions(); partition++) {
      DataGroup group = cluster.dataGroup(topic.groupOfPartition().get(partition));
      var reader = group.leaderReader().or(group::surestReader).orElseThrow();
      long next = 0;
      while (true) {
        var found = (PartitionRead.Batches) reader.read(topic.id(), partition, next, 1 << 20);
        if (!found.bytes().hasRemaining()) {
          break;
        }
        for (RecordBatch batch : RecordBatches.in(found.bytes())) {
          for (StoredRecord record : batch.records()) {
            assertThat(record.offset()).isEqualTo(next);
            next++;
            read.put(
                partition + "@" + record.offset(),
                StandardCharsets.UTF_8.decode(record.value().duplicate()).toString());
          }
        }
      }
    }
    return read;
  }
}
