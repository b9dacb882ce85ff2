package io.ottla.torture;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that breaks finds nothing. */
class SeededRunIT {
  @TempDir private Path directory;

  @Test
  void aServerThatDoesNotStartIsNoFinding() {
    SeededRun run = new SeededRun(1, directory, "-XX:NoSuchOption", 1, Set.of());

    assertThatThrownBy(run::run)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("before it was ready");
  }

  @Test
  void aBrokerCountsAsStoppedOnlyIfTheAnswerSaysSo() {
    assertThatCode(() -> SeededRun.requireStopped(answer(200, 2, "stopped")))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> SeededRun.requireStopped(answer(200, 2, "running")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> SeededRun.requireStopped(answer(200, 1, "stopped")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> SeededRun.requireStopped(answer(503, 2, "stopped")))
        .isInstanceOf(IOException.class);
  }

  private static Api.Reply answer(int status, int broker, String state) {
    return new Api.Reply(status, Api.object().put("id", broker).put("state", state));
  }
}
