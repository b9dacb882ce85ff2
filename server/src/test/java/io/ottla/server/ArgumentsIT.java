package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options that the server refuses: exit code 2, a sentence, nothing created. */
class ArgumentsIT {
  @TempDir private Path directory;

  @Test
  void anUnknownOptionStopsTheServer() throws IOException, InterruptedException {
    assertRefused("--prot", "--prot", "8080");
  }

  @Test
  void anAddressThatOthersCanReachStopsTheServer() throws IOException, InterruptedException {
    assertRefused("neither TLS nor authentication", "--host", "0.0.0.0");
  }

  private void assertRefused(String sentence, String... arguments)
      throws IOException, InterruptedException {
    TestServer.Ended ended = new TestServer(directory).runToItsEnd(arguments);

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.printed()).contains(sentence).doesNotContain("\tat ");
    assertThat(directory.resolve("ottla-data")).doesNotExist();
  }
}
