package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage that takes nothing away that was acked is mended; the replica takes part at once. */
class MendedInPlaceTest {
  @TempDir Path directory;
  private final long seed = Long.getLong("ottla.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<String> acked = new ArrayList<>();

  private void write(TestCluster cluster, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      String payload = acked.size() + "-" + "x".repeat(1_000);
      cluster.submitUntilApplied(1, payload);
      acked.add(payload);
    }
  }

  private TestCluster cluster(int brokers) throws Exception {
    TestCluster cluster =
        new TestCluster(directory, brokers, 1, ReplicationSettings.forTests()).startAll();
    write(cluster, 10);
    cluster.awaitEqual(1);
    return cluster;
  }

  @FunctionalInterface
  private interface Harm {
    void to(Path path) throws IOException;
  }

  private static Harm bytes(byte[] bytes) {
    return path -> Files.write(path, bytes);
  }

  private List<Harm> harms(Path path) throws IOException {
    byte[] whole = Files.exists(path) ? Files.readAllBytes(path) : new byte[60];
    byte[] flipped = whole.clone();
    flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
    return List.of(
        bytes(flipped),
        bytes(Arrays.copyOf(whole, random.nextInt(whole.length))),
        bytes(new byte[whole.length]),
        bytes(new byte[0]),
        Files::deleteIfExists);
  }

  private void mendedWithoutARebuild(TestCluster cluster, Path path) throws Exception {
    for (int kind = 0; kind < 5; kind++) {
      cluster.crash(2);
      harms(path).get(kind).to(path);
      int made = cluster.statesMade();

      cluster.start(2, true);

      write(cluster, 1);
      cluster.awaitEqual(1);
      assertThat(cluster.statesMade()).as("seed %d kind %d", seed, kind).isEqualTo(made + 1);
      assertThat(cluster.state(2, 1).payloads()).containsExactlyElementsOf(acked);
      assertThat(cluster.failures).as("seed %d kind %d", seed, kind).isEmpty();
    }
  }

  @Test
  void aDamagedTermAndVoteIsMended() throws Exception {
    try (TestCluster cluster = cluster(3)) {
      mendedWithoutARebuild(cluster, new Damage(cluster, 2).vote());
    }
  }

  @Test
  void aDamagedConfigurationIsMended() throws Exception {
    try (TestCluster cluster = cluster(3)) {
      mendedWithoutARebuild(cluster, new Damage(cluster, 2).configuration());
    }
  }

  @Test
  void damageThatACheckpointCoversIsNoLossEvenForTheOnlyReplica() throws Exception {
    try (TestCluster cluster = cluster(1)) {
      for (int round = 0; round < 8; round++) {
        write(cluster, 1 + random.nextInt(25));
        cluster.stop(1);
        List<Path> files = new Damage(cluster, 1).journalFiles();
        String done = Damage.atRandom(files.get(random.nextInt(files.size())), random);

        cluster.startTogether(List.of(1));

        cluster.awaitLeader(1);
        assertThat(cluster.state(1, 1).payloads())
            .as("seed %d round %d: %s", seed, round, done)
            .containsExactlyElementsOf(acked);
      }
      write(cluster, 1);
      assertThat(cluster.failures).isEmpty();
    }
  }

  @Test
  void damageBelowTheCheckpointKeepsWhatLiesAbove() throws Exception {
    for (int round = 0; round < 4; round++) {
      acked.clear();
      try (TestCluster cluster =
          new TestCluster(
                  directory.resolve("round-" + round), 1, 1, ReplicationSettings.production())
              .startAll()) {
        write(cluster, 10);
        cluster.brokers.get(1).checkpoint(1);
        write(cluster, 10);
        cluster.crash(1);
        Path open = new Damage(cluster, 1).journalFiles().getLast();
        byte[] bytes = Files.readAllBytes(open);
        bytes[8 + random.nextInt(9_000)] ^= 0x10;
        Files.write(open, bytes);

        cluster.start(1, true);

        cluster.awaitLeader(1);
        write(cluster, 1);
        assertThat(cluster.state(1, 1).payloads())
            .as("seed %d round %d", seed, round)
            .containsExactlyElementsOf(acked);
        cluster.crash(1);
        cluster.start(1, true);
        write(cluster, 1);
        assertThat(cluster.state(1, 1).payloads()).containsExactlyElementsOf(acked);
      }
    }
  }

  @Test
  void whatAKilledProcessLeftIsForcedBeforeItCounts() throws Exception {
    try (TestCluster cluster = cluster(3)) {
      cluster.crashAll();
      List<String> events = new CopyOnWriteArrayList<>();
      cluster.disk = recording(events);
      cluster.beforeNewState = () -> events.add("takes part");

      cluster.start(1, true);

      List<String> before = events.subList(0, events.indexOf("takes part"));
      Damage damage = new Damage(cluster, 1);
      for (Path path : damage.journalFiles()) {
        assertThat(before).contains("force " + path);
      }
      assertThat(before).contains("force " + damage.journal());
    }
  }

  /** Says which files and directories are forced. */
  private static Disk recording(List<String> events) {
    Disk disk = new SystemDisk();
    return (Disk)
        Proxy.newProxyInstance(
            Disk.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (_, method, arguments) -> {
              if (method.getName().equals("forceDirectory")) {
                events.add("force " + arguments[0]);
              }
              Object result = method.invoke(disk, arguments);
              return method.getName().equals("open")
                  ? recording(events, (Path) arguments[0], result)
                  : result;
            });
  }

  private static Object recording(List<String> events, Path path, Object file) {
    return Proxy.newProxyInstance(
        Disk.class.getClassLoader(),
        new Class<?>[] {DiskFile.class},
        (_, method, arguments) -> {
          if (method.getName().equals("force")) {
            events.add("force " + path);
          }
          return method.invoke(file, arguments);
        });
  }
}
