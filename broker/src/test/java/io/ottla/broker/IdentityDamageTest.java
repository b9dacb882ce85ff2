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
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any damage of identity files and whole directories: the start serves everything that was acked,
 * or refuses and says why; and the bytes that were there are still somewhere.
 *
 * <p>{@code -Dottla.damages=N} runs more, {@code -Dottla.seed=N} the same again.
 */
@Execution(ExecutionMode.CONCURRENT)
class IdentityDamageTest {
  private static final int DAMAGES = Integer.getInteger("ottla.damages", 2);

  @TempDir Path temp;

  private final AckedEvents events = new AckedEvents("c1");
  private final SystemDisk disk = new SystemDisk();

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void nothingAckedIsLostAndNothingIsDeleted(int brokers) throws IOException {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    Path old = temp.resolve("old");
    Path now = temp.resolve("now");
    makeData(brokers, now, old);

    for (int i = 0; i < DAMAGES; i++) {
      Path data = Files.createDirectory(temp.resolve("data"));
      AckedEvents.copyTree(now, data);
      List<String> done = damage(new Random(seed + i), brokers, data, old);
      String what = "seed %d: %s".formatted(seed + i, done);
      List<String> marks = mark(data, brokers);

      startAndJudge(data, what);

      assertThat(marks).as(what).isSubsetOf(names(data));
      disk.deleteTree(data);
    }
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

  private List<String> damage(Random random, int brokers, Path data, Path old) throws IOException {
    List<String> done = new ArrayList<>();
    boolean oldDirectory = random.nextInt(3) == 0;
    if (oldDirectory) {
      String broker = "c1/broker-" + (random.nextInt(brokers) + 1);
      disk.deleteTree(data.resolve(broker));
      AckedEvents.copyTree(old.resolve(broker), data.resolve(broker));
      done.add("old " + broker);
      if (brokers == 1) {
        // Nobody else knows better: without its identity it would be as good as the current one.
        return done;
      }
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      done.add(damageDirectory(random, brokers, data));
    }
    List<Path> files = identityFiles(data);
    for (int i = random.nextInt(4); i > 0; i--) {
      Path file = files.get(random.nextInt(files.size()));
      if (Files.exists(file)) {
        done.add(damageFile(random, data, file, oldDirectory ? null : old));
      }
    }
    return done;
  }

  private String damageDirectory(Random random, int brokers, Path data) throws IOException {
    Path one = data.resolve("c1/broker-" + (random.nextInt(brokers) + 1));
    Path other = data.resolve("c1/broker-" + (random.nextInt(brokers) + 1));
    return switch (random.nextInt(3)) {
      case 0 -> {
        disk.deleteTree(one);
        yield "deleted " + one.getFileName();
      }
      case 1 -> {
        if (Files.exists(one) && Files.exists(other) && !one.equals(other)) {
          Files.move(one, data.resolve("between"));
          Files.move(other, one);
          Files.move(data.resolve("between"), other);
        }
        yield "swapped " + one.getFileName() + " " + other.getFileName();
      }
      default -> {
        Files.deleteIfExists(one.resolve("broker.json"));
        Files.deleteIfExists(one.resolve("broker.copy"));
        yield "no identity in " + one.getFileName();
      }
    };
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

  private void startAndJudge(Path data, String what) throws IOException {
    try (var deployment = TestDeployment.open(data)) {
      List<NotServed> notServed = new DescribeClusters(deployment.deployment()).notServed();
      if (!notServed.isEmpty()) {
        assertThat(notServed).as(what).allMatch(each -> !each.reason().isEmpty());
        return;
      }
      List<Broker> brokers = deployment.deployment().find("c1").orElseThrow().brokers();
      long running = brokers.stream().filter(b -> b.state() == BrokerState.RUNNING).count();
      if (running * 2 <= brokers.size()) {
        assertThat(new Readiness(deployment.deployment()).reasonsNotReady())
            .as(what)
            .anyMatch(reason -> reason.contains("is not started, and nothing was touched"));
        return;
      }
      await(what)
          .atMost(Duration.ofSeconds(60))
          .until(() -> new Readiness(deployment.deployment()).reasonsNotReady().isEmpty());
      assertThatCode(() -> events.awaitAll(deployment)).as(what).doesNotThrowAnyException();
    } catch (IOException e) {
      assertThat(e).as(what).hasMessageMatching("(?s).*(deployment\\.json|--data-dir).*");
    }
  }
}
