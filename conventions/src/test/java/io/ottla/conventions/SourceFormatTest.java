package io.ottla.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The same formatter with the same options as {@code build/FormatSources.java}. */
class SourceFormatTest {
  private static final Formatter FORMATTER = new Formatter();

  @Test
  void everySourceIsFormatted() throws IOException {
    SourceTree tree = SourceTree.read();

    var unformatted =
        tree.sources().parallelStream().filter(file -> !isFormatted(tree, file)).toList();

    assertThat(unformatted)
        .as("files to be formatted: run `mvn -q -N -Pformat initialize` in the root directory")
        .isEmpty();
  }

  private static boolean isFormatted(SourceTree tree, Path file) {
    String source = tree.text(file).orElseThrow();
    try {
      return FORMATTER.formatSourceAndFixImports(source).equals(source);
    } catch (FormatterException e) {
      throw new IllegalStateException("cannot be parsed: " + file, e);
    }
  }
}
