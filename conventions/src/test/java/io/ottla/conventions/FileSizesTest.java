package io.ottla.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The upper bounds of single files stand in {@code build/checkstyle.xml}. */
class FileSizesTest {
  private static final long MEDIAN_LINES = 120;

  @Test
  void halfOfTheMainFilesAreShort() throws IOException {
    SourceTree tree = SourceTree.read();

    long[] lines =
        tree.mainSources().stream()
            .mapToLong(file -> tree.text(file).orElseThrow().lines().count())
            .sorted()
            .toArray();

    assertThat(lines[lines.length / 2])
        .as("median length of a main source file, in lines: split the long ones by their jobs")
        .isLessThanOrEqualTo(MEDIAN_LINES);
  }
}
