package io.ottla.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class NamesTest {
  private static final Set<String> NOT_A_JOB =
      Set.of("util", "utils", "common", "helper", "helpers", "impl", "manager", "managers", "misc");

  @Test
  void everyDirectoryOfSourcesNamesAJob() throws IOException {
    SourceTree tree = SourceTree.read();

    var nameless =
        tree.sources().stream().map(Path::getParent).distinct().filter(NamesTest::isNameless);

    assertThat(nameless)
        .as("packages whose name says nothing about what they are for: name the job instead")
        .isEmpty();
  }

  private static boolean isNameless(Path directory) {
    return StreamSupport.stream(directory.spliterator(), false)
        .anyMatch(segment -> NOT_A_JOB.contains(segment.toString()));
  }
}
