package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any damage of identity files and whole directories: the start serves everything that was acked,
 * or refuses and says why; and the bytes that were there are still somewhere. Where enough is whole
 * by what {@link IdentityHarm} knows, no start may be refused.
 *
 * <p>{@code -Dottla.damages=N} runs more, {@code -Dottla.seed=N} the same again.
 */
@Execution(ExecutionMode.CONCURRENT)
class IdentityDamageTest {
  private static final int DAMAGES = Integer.getInteger("ottla.damages", 2);

  @TempDir Path temp;

  private final AckedEvents events = new AckedEvents("c1");
  private final SystemDisk disk = new SystemDisk();
  private int served;

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void nothingAckedIsLostAndNothingIsDeleted(int brokers) throws IOException {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    Path old = temp.resolve("old");
    Path now = temp.resolve("now");
    makeData(brokers, now, old);

    for (int i = 0; i < DAMAGES; i++) {
      judge(new Random(seed + i), "seed %d".formatted(seed + i), brokers, now, old);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void oneFileOfEachPairMayBeDamaged(int brokers) throws IOException {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    Path old = temp.resolve("old");
    Path now = temp.resolve("now");
    makeData(brokers, now, old);

    for (int i = 0; i < DAMAGES; i++) {
      Random random = new Random(seed + i);
      Path data = copyOf(now);
      IdentityHarm harm = new IdentityHarm(brokers);
      for (Path file : identityFiles(data)) {
        if (file.toString().endsWith(".json")) {
          Path one = random.nextBoolean() ? file : copyBeside(file);
          harm.file(data, one, damageFile(random, data, one, old));
        }
      }

      assertThat(harm.mustServe()).as("seed %d: %s", seed + i, harm).isTrue();
      startAndJudge(data, "seed %d: %s".formatted(seed + i, harm), harm);
      disk.deleteTree(data);
    }

    assertThat(served).isEqualTo(DAMAGES);
  }

  @Test
  void aBrokerThatLostItsDirectoryOrItsIdentityIsMadeAgain() throws IOException {
    Path old = temp.resolve("old");
    Path now = temp.resolve("now");
    makeData(3, now, old);

    for (String lost : List.of("directory", "identity")) {
      Path data = copyOf(now);
      Path broker = data.resolve("c1/broker-2");
      if (lost.equals("directory")) {
        disk.deleteTree(broker);
      } else {
        Files.delete(broker.resolve("broker.json"));
        Files.delete(broker.resolve("broker.copy"));
      }
      IdentityHarm harm = new IdentityHarm(3);
      harm.broker(2, "lost " + lost);

      startAndJudge(data, harm.toString(), harm);
      disk.deleteTree(data);
    }

    assertThat(served).isEqualTo(2);
  }

  private void judge(Random random, String seed, int brokers, Path now, Path old)
      throws IOException {
    Path data = copyOf(now);
    IdentityHarm harm = damage(random, brokers, data, old);
    String what = seed + ": " + harm;
    List<String> marks = mark(data, brokers);

    startAndJudge(data, what, harm);

    assertThat(marks).as(what).isSubsetOf(names(data));
    disk.deleteTree(data);
  }

  private Path copyOf(Path now) throws IOException {
    Path data = Files.createDirectory(temp.resolve("data"));
    AckedEvents.copyTree(now, data);
    return data;
  }

  private static Path copyBeside(Path json) {
    return json.resolveSibling(json.getFileName().toString().replace(".json", ".copy"));
  }

  /** The old state has one start and some events less than the one of now. */
  private void makeData(int brokers, Path now, Path old) throws IOException {
    try (var deployment = TestDeployment.open(now)) {
      deployment.createCluster("c1", brokers);
      deployment.createTopic("t", 3);
      events.publish(deployment, 10);
    }
    AckedEvents.copyTree(now, old);
    try (var deployment = TestDeployment.open(now)) {
      deployment.awaitReady();
      events.publish(deployment, 10);
    }
  }

  private IdentityHarm damage(Random random, int brokers, Path data, Path old) throws IOException {
    IdentityHarm harm = new IdentityHarm(brokers);
    boolean oldDirectory = random.nextInt(3) == 0;
    if (oldDirectory) {
      int id = random.nextInt(brokers) + 1;
      String broker = "c1/broker-" + id;
      disk.deleteTree(data.resolve(broker));
      AckedEvents.copyTree(old.resolve(broker), data.resolve(broker));
      harm.broker(id, "old " + broker);
      if (brokers == 1) {
        // Nobody else knows better: without its identity it would be as good as the current one.
        return harm;
      }
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      damageDirectory(random, brokers, data, harm);
    }
    List<Path> files = identityFiles(data);
    for (int i = random.nextInt(4); i > 0; i--) {
      Path file = files.get(random.nextInt(files.size()));
      if (Files.exists(file)) {
        harm.file(data, file, damageFile(random, data, file, oldDirectory ? null : old));
      }
    }
    return harm;
  }

  private void damageDirectory(Random random, int brokers, Path data, IdentityHarm harm)
      throws IOException {
    int id = random.nextInt(brokers) + 1;
    int otherId = random.nextInt(brokers) + 1;
    Path one = data.resolve("c1/broker-" + id);
    Path other = data.resolve("c1/broker-" + otherId);
    switch (random.nextInt(3)) {
      case 0 -> {
        disk.deleteTree(one);
        harm.broker(id, "deleted " + one.getFileName());
      }
      case 1 -> {
        if (Files.exists(one) && Files.exists(other) && !one.equals(other)) {
          Files.move(one, data.resolve("between"));
          Files.move(other, one);
          Files.move(data.resolve("between"), other);
          String what = "swapped " + one.getFileName() + " " + other.getFileName();
          harm.broker(id, what);
          harm.broker(otherId, what);
        }
      }
      default -> {
        Files.deleteIfExists(one.resolve("broker.json"));
        Files.deleteIfExists(one.resolve("broker.copy"));
        harm.broker(id, "no identity in " + one.getFileName());
      }
    }
  }

  private static List<Path> identityFiles(Path data) throws IOException {
    try (Stream<Path> all = Files.walk(data)) {
      return all.filter(
              path ->
                  path.getFileName()
                      .toString()
                      .matches("(deployment|cluster|broker)\\.(json|copy)"))
          .sorted()
          .toList();
    }
  }

  private static String damageFile(Random random, Path data, Path file, Path old)
      throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String name = data.relativize(file).toString();
    return switch (random.nextInt(old == null ? 4 : 5)) {
      case 0 -> {
        Files.delete(file);
        yield "deleted " + name;
      }
      case 1 -> {
        Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        yield "cut " + name;
      }
      case 2 -> {
        Files.write(file, new byte[bytes.length]);
        yield "zeroed " + name;
      }
      case 3 -> {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bytes);
        yield "flipped " + name;
      }
      default -> {
        Path before = old.resolve(data.relativize(file).toString());
        if (Files.exists(before)) {
          Files.copy(before, file, StandardCopyOption.REPLACE_EXISTING);
        }
        yield "old " + name;
      }
    };
  }

  /** A file in each directory, found again by its name wherever the directory is moved to. */
  private static List<String> mark(Path data, int brokers) throws IOException {
    List<String> marks = new ArrayList<>();
    for (int broker = 1; broker <= brokers; broker++) {
      Path topics = data.resolve("c1/broker-" + broker + "/topics");
      if (Files.exists(topics)) {
        marks.add("mark-" + broker);
        Files.createFile(topics.resolve("mark-" + broker));
      }
    }
    return marks;
  }

  private static List<String> names(Path data) throws IOException {
    try (Stream<Path> all = Files.walk(data)) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }

  /** A start that must succeed may not be refused; whoever refuses says why. */
  private void startAndJudge(Path data, String what, IdentityHarm harm) throws IOException {
    try (TestDeployment deployment = TestDeployment.open(data)) {
      Optional<List<String>> reasons = reasonsOfRefusal(deployment, what);
      if (reasons.isPresent()) {
        assertThat(harm.mustServe()).as("%s must be served: %s", what, reasons.get()).isFalse();
        return;
      }
      await(what)
          .atMost(Duration.ofSeconds(60))
          .until(() -> new Readiness(deployment.deployment()).reasonsNotReady().isEmpty());
      assertThatCode(() -> events.awaitAll(deployment)).as(what).doesNotThrowAnyException();
      served++;
    } catch (IOException e) {
      assertThat(harm.mustOpen()).as("%s must not stop the process: %s", what, e).isFalse();
      assertThat(e).as(what).hasMessageMatching("(?s).*(deployment\\.json|--data-dir).*");
    }
  }

  /** Why the cluster, or most of its brokers, are not started; empty if they are. */
  private static Optional<List<String>> reasonsOfRefusal(TestDeployment deployment, String what) {
    List<NotServed> notServed = new DescribeClusters(deployment.deployment()).notServed();
    if (!notServed.isEmpty()) {
      assertThat(notServed).as(what).allMatch(each -> !each.reason().isEmpty());
      return Optional.of(notServed.stream().map(NotServed::reason).toList());
    }
    List<Broker> brokers = deployment.deployment().find("c1").orElseThrow().brokers();
    long running = brokers.stream().filter(b -> b.state() == BrokerState.RUNNING).count();
    if (running * 2 > brokers.size()) {
      return Optional.empty();
    }
    List<String> reasons = new Readiness(deployment.deployment()).reasonsNotReady();
    assertThat(reasons)
        .as(what)
        .anyMatch(reason -> reason.contains("is not started, and nothing was touched"));
    return Optional.of(reasons);
  }
}
