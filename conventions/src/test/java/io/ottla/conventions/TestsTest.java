package io.ottla.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TestsTest {
  private static final Pattern SLEEP =
      Pattern.compile("(Thread|TimeUnit\\.[A-Z]+)\\." + "sleep\\(");

  @Test
  void testsDoNotSleep() throws IOException {
    SourceTree tree = SourceTree.read();

    var sleeping =
        tree.testSources().stream()
            .filter(file -> SLEEP.matcher(tree.text(file).orElseThrow()).find());

    assertThat(sleeping)
        .as("tests that sleep: move a clock, or await a condition with Awaitility")
        .isEmpty();
  }
}
