package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.store.PartitionReplica;
import io.ottla.disk.SystemDisk;
import io.ottla.log.RecordBatchBuilder;
import io.ottla.log.SegmentSummary;
import io.ottla.replication.ReplicationSettings;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that lacks the classes of a codec compacts what is written in others. */
class CompactionWithoutCodecTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int GROUPS = 3;

  @TempDir Path data;

  @Test
  void aCodecThatIsMissingStopsOnlyItsOwnPartitions() throws Exception {
    try (var deployment = TestDeployment.open(config(data))) {
      deployment.createCluster("c1", GROUPS);
      for (String codec : List.of("zstd", "gzip")) {
        createTopic(deployment, codec);
        publish(deployment, codec);
      }
    }

    Object compactions = compactWith(new WithoutZstd());

    assertThat(compactions)
        .isEqualTo(
            Map.of("gzip-0", 1, "gzip-1", 1, "gzip-2", 1, "zstd-0", 0, "zstd-1", 0, "zstd-2", 0));
  }

  private Object compactWith(ClassLoader loader) throws ReflectiveOperationException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      Method compact =
          loader
              .loadClass(CompactionWithoutCodecTest.class.getName())
              .getDeclaredMethod("compact", Path.class);
      compact.setAccessible(true);
      return compact.invoke(null, data);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** How often each partition's first segment is compacted, after sweeps of every group. */
  static Map<String, Integer> compact(Path data) throws IOException {
    try (var deployment = TestDeployment.open(config(data))) {
      deployment.awaitReady();
      Cluster cluster = deployment.deployment().all().getFirst();
      return await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                // A group without a leader at this instant is swept the next time.
                cluster.compactor().sweep();
                return compactions(cluster);
              },
              seen -> seen.values().stream().filter(count -> count > 0).count() == GROUPS);
    }
  }

  private static Map<String, Integer> compactions(Cluster cluster) {
    Map<String, Integer> compactions = new TreeMap<>();
    for (DataGroup group : cluster.dataGroups()) {
      for (PartitionReplica replica : TestDeployment.awaitLeaderStore(group).partitions()) {
        SegmentSummary first = replica.segments().getFirst();
        if (cluster.view().topic(replica.topicName()).filter(t -> !t.internal()).isPresent()) {
          compactions.put(replica.topicName() + "-" + replica.partition(), first.compactions());
        }
      }
    }
    return compactions;
  }

  /**
   * The project's classes once more, and those of the engine, which finds ours by name, in a
   * process that seems to lack a library.
   */
  private static final class WithoutZstd extends ClassLoader {
    WithoutZstd() {
      super(CompactionWithoutCodecTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("com.github.luben.zstd.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("io.ottla.") && !name.startsWith("org.apache.ratis.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  private static Deployment.Config config(Path data) {
    return new Deployment.Config(
        List.of(data),
        "127.0.0.1",
        8080,
        new SystemDisk(),
        InstantSource.system(),
        new BrokerSettings(
            ReplicationSettings.forTests(),
            100,
            50,
            Duration.ofMillis(50),
            Duration.ofMillis(50),
            Duration.ofHours(1),
            Duration.ofHours(1)));
  }

  private static void createTopic(TestDeployment deployment, String codec) {
    value(
        new CreateTopic(deployment.deployment())
            .create(
                new CreateTopic.Request(
                    Optional.empty(),
                    codec,
                    OptionalInt.of(GROUPS),
                    OptionalDouble.empty(),
                    OptionalLong.empty(),
                    OptionalLong.of(1024),
                    Optional.of(codec),
                    Optional.of("compact"),
                    OptionalInt.empty())));
  }

  private static void publish(TestDeployment deployment, String topic) {
    var produce = new ProduceEvents(deployment.deployment(), InstantSource.system());
    for (int i = 0; i < 120; i++) {
      var event =
          new ProduceRequest.Event(
              null,
              ByteBuffer.wrap(("key-" + i % 12).getBytes(UTF_8)),
              ByteBuffer.wrap(
                  "x".repeat(2 * RecordBatchBuilder.COMPRESS_FROM_BYTES).getBytes(UTF_8)),
              List.of(),
              ProduceRequest.Event.NO_TIMESTAMP);
      value(
          produce.produce(
              new ProduceRequest(
                  Optional.empty(), topic, List.of(event), TIMEOUT, Optional.empty())));
    }
  }
}
