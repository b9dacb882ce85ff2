package io.ottla.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is tracked works on every machine, so it names none. */
class MachineNamesTest {
  /** Directories that one machine has: somebody's home, a checkout. */
  private static final Pattern MACHINE_PATH =
      Pattern.compile("(?<![A-Za-z0-9._$~}/-])/(work|root|home/[a-z]+|Users/[a-z]+|farm)/");

  /** Where a machine gets its packages from is that machine's business. */
  private static final Pattern REGISTRY =
      Pattern.compile(
          "<(repositories|pluginRepositories|mirrors|distributionManagement)>"
              + "|index-url|registry\\s*=\\s*http");

  @Test
  void noFileNamesADirectoryOfOneMachine() throws IOException {
    SourceTree tree = SourceTree.read();

    assertThat(linesWith(tree, MACHINE_PATH))
        .as("lines that name a directory of one machine: make it relative, or look it up")
        .isEmpty();
  }

  @Test
  void noFileNamesAPackageRegistry() throws IOException {
    SourceTree tree = SourceTree.read();

    assertThat(linesWith(tree, REGISTRY))
        .as("lines that name a package registry: that belongs in the machine's own settings")
        .isEmpty();
  }

  private static List<String> linesWith(SourceTree tree, Pattern pattern) {
    return tree.files().stream()
        .filter(file -> !file.endsWith("MachineNamesTest.java"))
        .flatMap(file -> linesWith(tree, file, pattern))
        .toList();
  }

  private static Stream<String> linesWith(SourceTree tree, Path file, Pattern pattern) {
    return tree.text(file).stream()
        .flatMap(String::lines)
        .filter(line -> pattern.matcher(line).find())
        .map(line -> file + ": " + line.strip());
  }
}
