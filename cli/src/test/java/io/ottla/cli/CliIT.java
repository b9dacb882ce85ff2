package io.ottla.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.cli.CliProcess.Ended;
import io.ottla.testkit.ServerProcess;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliIT {
  private static final int COPIES = 12;

  /** Lines that a careless tool would change. */
  private static final String ODD_LINES =
      """
      plain text
      {"spaces" : [ 1,\t2 ] , "n": 1.50e+3 }
        {"around": true} \s
      "\\u00e9 \u00e9 \\n"

      null
      12345678901234567890.000
      {"a":1,"a":2}
      [}
      %v %k \\n
      """;

  @TempDir static Path directory;
  private static ServerProcess server;
  private static CliProcess cli;
  private static Path earthquakes;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = CliProcess.startServer(directory);
    cli = CliProcess.against(server, directory);
    Path once = Path.of(System.getProperty("ottla.root", ".."), "examples", "earthquakes.ndjson");
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (int i = 0; i < COPIES; i++) {
      lines.write(Files.readAllBytes(once));
    }
    earthquakes = Files.write(directory.resolve("earthquakes"), lines.toByteArray());
    succeed("cluster", "create", "c1");
  }

  @AfterAll
  static void stop() throws InterruptedException {
    server.kill();
  }

  private static Ended succeed(String... arguments) throws IOException {
    Ended ended = cli.run(arguments);
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    return ended;
  }

  private static void produce(Path in, String... arguments)
      throws IOException, InterruptedException {
    Ended ended = cli.runOn(in, arguments);
    assertThat(ended.exitCode()).as(ended.err()).isZero();
  }

  @Test
  void linesWithoutAKeyComeBackByteForByteInTheirOrder() throws IOException, InterruptedException {
    succeed("topic", "create", "quakes");

    produce(earthquakes, "produce", "quakes");
    long count = Files.readAllLines(earthquakes).size();
    Path nothing = Files.writeString(directory.resolve("nothing"), "");
    Ended back = cli.runOn(nothing, "consume", "quakes", "-c", Long.toString(count));

    assertThat(count).isGreaterThan(20_000);
    assertThat(Files.mismatch(earthquakes, back.out())).isEqualTo(-1);
  }

  @Test
  void oddLinesComeBackByteForByte() throws IOException, InterruptedException {
    succeed("topic", "create", "odd", "--partitions", "1");
    Path odd = Files.writeString(directory.resolve("odd"), ODD_LINES);

    produce(odd, "produce", "odd");

    assertThat(new String(succeed("consume", "odd").bytes(), StandardCharsets.UTF_8))
        .isEqualTo(ODD_LINES);
  }

  @Test
  void linesOfSeveralPartitionsComeBackEachOnceAndInOrderPerKey()
      throws IOException, InterruptedException {
    succeed("topic", "create", "several", "--partitions", "5");
    List<String> numbered =
        IntStream.range(0, 10_000)
            .mapToObj(i -> "{\"id\":" + i % 97 + ",\"n\":" + i + "}")
            .toList();
    Path file = Files.write(directory.resolve("numbered"), numbered);

    succeed("produce", "several", file.toString(), "--key-pointer", "/id");
    List<String> back = succeed("consume", "several").lines();

    assertThat(back).containsExactlyInAnyOrderElementsOf(numbered);
    assertThat(byId(back)).isEqualTo(byId(numbered));
  }

  private static Map<String, List<String>> byId(List<String> lines) {
    return lines.stream()
        .collect(Collectors.groupingBy(line -> line.substring(0, line.indexOf(','))));
  }

  @Test
  void linesWithoutAKeyAreSpreadAndKeepTheirOrderOverAllPartitions()
      throws IOException, InterruptedException {
    succeed("topic", "create", "keyless", "--partitions", "3");
    List<String> numbers = IntStream.range(0, 10_000).mapToObj(String::valueOf).toList();

    produce(Files.write(directory.resolve("numbers"), numbers), "produce", "keyless");

    assertThat(succeed("consume", "keyless").lines()).isEqualTo(numbers);
    for (String partition : List.of("0", "1", "2")) {
      assertThat(succeed("consume", "keyless", "-p", partition).lines())
          .isNotEmpty()
          .isSortedAccordingTo((a, b) -> Integer.compare(Integer.parseInt(a), Integer.parseInt(b)));
    }
  }

  @Test
  void aGroupGoesOnWhereItStoppedAndCanBeReset() throws IOException, InterruptedException {
    succeed("topic", "create", "shared", "--partitions", "1");
    List<String> numbers = IntStream.range(0, 50).mapToObj(String::valueOf).toList();
    produce(Files.write(directory.resolve("fifty"), numbers), "produce", "shared");

    Ended first = succeed("consume", "shared", "-g", "g", "-c", "20");
    Ended second = succeed("consume", "shared", "-g", "g");
    Ended third = succeed("consume", "shared", "-g", "g");
    Ended dryRun = succeed("offset", "reset", "-g", "g", "-t", "shared", "--to", "earliest");
    Ended unchanged = succeed("offset", "show", "-g", "g", "-t", "shared");
    succeed("offset", "reset", "-g", "g", "-t", "shared", "--to-offset", "0:45", "--execute");
    Ended fourth = succeed("consume", "shared", "-g", "g");

    assertThat(first.lines()).isEqualTo(numbers.subList(0, 20));
    assertThat(second.lines()).isEqualTo(numbers.subList(20, 50));
    assertThat(third.lines()).isEmpty();
    assertThat(dryRun.lines()).last().asString().matches("shared +0 +50 +0");
    assertThat(unchanged.lines()).last().asString().matches("shared +0 .* 50 +50 +0");
    assertThat(fourth.lines()).isEqualTo(numbers.subList(45, 50));
  }

  @Test
  void aFollowerOfAGroupThatIsTerminatedHasCommittedWhatItPrinted()
      throws IOException, InterruptedException {
    succeed("topic", "create", "followed", "--partitions", "1");
    Path file = Files.writeString(directory.resolve("two"), "1\n2\n");
    produce(file, "produce", "followed");

    Process follower = cli.start("consume", "followed", "-g", "f", "--follow");
    try (BufferedReader out = follower.inputReader()) {
      assertThat(out.readLine()).isEqualTo("1");
      assertThat(out.readLine()).isEqualTo("2");
      follower.destroy();
      assertThat(follower.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      follower.destroyForcibly();
    }

    assertThat(succeed("consume", "followed", "-g", "f").lines()).isEmpty();
    assertThat(succeed("group", "list").lines()).anyMatch(line -> line.matches("f .*empty +0 .*"));
  }

  @Test
  void aFollowerWithoutAGroupPrintsWhatComes() throws IOException, InterruptedException {
    succeed("topic", "create", "live", "--partitions", "3");

    Process follower = cli.start("consume", "live", "--follow", "-c", "2");
    try (BufferedReader out = follower.inputReader()) {
      produce(Files.writeString(directory.resolve("live-lines"), "1\n2\n"), "produce", "live");

      assertThat(List.of(out.readLine(), out.readLine())).containsExactlyInAnyOrder("1", "2");
      assertThat(follower.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(follower.exitValue()).isZero();
    } finally {
      follower.destroyForcibly();
    }
  }

  @Test
  void aReaderThatHasEnoughEndsTheCommandQuietly() throws IOException, InterruptedException {
    succeed("topic", "create", "long", "--partitions", "2");
    produce(earthquakes, "produce", "long");

    Process consume = cli.start("consume", "long");
    try (BufferedReader out = consume.inputReader()) {
      assertThat(out.readLine()).startsWith("{");
    }

    assertThat(consume.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(consume.exitValue()).isZero();
    assertThat(consume.errorReader().lines()).isEmpty();
  }

  @Test
  void administrationWorksAgainstARealServer() throws IOException, InterruptedException {
    succeed("topic", "create", "t1", "--retention-hours", "0.5", "--compression", "zstd");
    succeed("topic", "alter", "t1", "--partitions", "4");
    Ended described = succeed("topic", "describe", "t1");
    succeed("broker", "stop", "c1", "2", "--mode", "crash");
    Ended stopped = succeed("cluster", "describe", "c1");
    succeed("broker", "start", "c1", "2");
    succeed("topic", "delete", "t1");
    Ended gone = cli.run("topic", "describe", "t1");
    // The groups of the broker that crashed elect another leader, and that takes a while.
    Ended status = await().until(() -> cli.run("status"), ended -> ended.exitCode() == 0);

    assertThat(described.lines()).anyMatch(line -> line.matches("t1 +c1 +4 +0 +30 min .*zstd"));
    assertThat(stopped.lines()).anyMatch(line -> line.matches(" +2 +stopped .*"));
    assertThat(gone.exitCode()).isEqualTo(3);
    assertThat(gone.err()).startsWith("ottla: ").endsWith("(topic_not_found)\n");
    assertThat(status.lines()).anyMatch(line -> line.contains("yes"));
  }
}
