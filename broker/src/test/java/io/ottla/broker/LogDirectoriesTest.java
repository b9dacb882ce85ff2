package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogDirectoriesTest {
  @TempDir Path dataDirectory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "/etc",
        "a/../b",
        "..",
        ".",
        "",
        "a//b",
        "a/",
        "/a",
        "a/b/c/d/e",
        "a\\b",
        "a\0b",
        "-a",
        ".a",
        "a/.b",
        "a b",
        "%2e%2e",
        "a/%2f",
        "ä",
        "~",
        "C:",
        "a\nb"
      })
  void aDirectoryThatCouldLeadOutsideIsRefused(String hostile) {
    var directories = new LogDirectories(List.of(dataDirectory));

    assertThat(directories.refusalOf(hostile))
        .hasValueSatisfying(
            refusal -> assertThat(refusal.attributes()).containsEntry("field", "log_directory"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"c1", "a/b", "a/b/c/d", "A.b_c-9", "0"})
  void aRelativeDirectoryOfUpToFourSegmentsIsFine(String plain) {
    var directories = new LogDirectories(List.of(dataDirectory));

    assertThat(directories.refusalOf(plain)).isEmpty();
  }

  @Test
  void aSymbolicLinkOnTheWayIsRefused(@TempDir Path elsewhere) throws IOException {
    Files.createDirectories(dataDirectory.resolve("real"));
    Files.createSymbolicLink(dataDirectory.resolve("link"), elsewhere);
    Files.createSymbolicLink(dataDirectory.resolve("real/inner"), elsewhere);
    var directories = new LogDirectories(List.of(dataDirectory));

    assertThat(directories.refusalOf("link")).isPresent();
    assertThat(directories.refusalOf("link/x")).isPresent();
    assertThat(directories.refusalOf("real/inner/x")).isPresent();
    assertThat(directories.refusalOf("real/other")).isEmpty();
  }

  @Test
  void aLinkInTheSecondDataDirectoryIsRefusedToo(@TempDir Path second, @TempDir Path elsewhere)
      throws IOException {
    Files.createSymbolicLink(second.resolve("c1"), elsewhere);
    var directories = new LogDirectories(List.of(dataDirectory, second));

    assertThat(directories.refusalOf("c1")).isPresent();
  }

  @Test
  void whateverIsAcceptedStaysInsideTheDataDirectory() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    var directories = new LogDirectories(List.of(dataDirectory));
    String alphabet = "ab./\\-_~%2 \0é:";
    int accepted = 0;

    for (int i = 0; i < 20_000; i++) {
      StringBuilder name = new StringBuilder();
      for (int length = random.nextInt(12); length >= 0; length--) {
        name.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      if (directories.refusalOf(name.toString()).isEmpty()) {
        accepted++;
        Path path = directories.clusterDirectories(name.toString()).getFirst();
        assertThat(path.normalize()).as("seed %d", seed).startsWithRaw(dataDirectory);
        assertThat(path.normalize()).as("seed %d", seed).isEqualTo(path);
      }
    }

    assertThat(accepted).as("seed %d", seed).isPositive();
  }

  @Test
  void directoriesOverlapWhenEqualOrNestedOnly() {
    assertThat(LogDirectories.overlap("a", "a")).isTrue();
    assertThat(LogDirectories.overlap("a", "a/b")).isTrue();
    assertThat(LogDirectories.overlap("a/b/c", "a/b")).isTrue();
    assertThat(LogDirectories.overlap("a/b", "a/c")).isFalse();
    assertThat(LogDirectories.overlap("a", "ab")).isFalse();
  }
}
