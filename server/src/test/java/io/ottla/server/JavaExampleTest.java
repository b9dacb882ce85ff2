package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class JavaExampleTest {
  private static final Pattern QUOTED =
      Pattern.compile("(?s)// README: \\w+\\n(.*?)\\n *// README: end");
  private static final Pattern SHOWN = Pattern.compile("(?s)```java\\n(.*?)\\n```");

  @Test
  void theReadmeShowsCodeThatCompiles() throws IOException {
    Path root = Path.of("..");
    String source =
        Files.readString(root.resolve("server/src/test/java/io/ottla/server/JavaExample.java"));

    List<String> shown = blocks(SHOWN, Files.readString(root.resolve("README.md")));

    assertThat(shown).isEqualTo(blocks(QUOTED, source)).hasSize(2);
  }

  private static List<String> blocks(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> flush(found.group(1))).toList();
  }

  private static String flush(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
