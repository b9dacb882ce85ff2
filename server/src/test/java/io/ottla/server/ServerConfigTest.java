package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerConfigTest {
  private static final List<Path> DATA = List.of(Path.of("data"));

  @Test
  void dataDirectoriesAreMadeAbsolute() {
    ServerConfig config = new ServerConfig("127.0.0.1", 8080, List.of(Path.of("a/../b")));

    assertThat(config.dataDirectories()).containsExactly(Path.of("b").toAbsolutePath());
  }

  @Test
  void loopbackInAllItsSpellingsIsAccepted() {
    for (String host : List.of("127.0.0.1", "127.0.0.2", "::1", "localhost")) {
      assertThat(new ServerConfig(host, 0, DATA).host()).isEqualTo(host);
    }
  }

  @Test
  void anAddressThatOthersCanReachIsRefused() {
    for (String host : List.of("0.0.0.0", "::", "192.0.2.1")) {
      assertThatThrownBy(() -> new ServerConfig(host, 8080, DATA))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("--host " + host);
    }
  }

  @Test
  void aPortOutOfRangeIsRefused() {
    assertThatThrownBy(() -> new ServerConfig("127.0.0.1", 65_536, DATA))
        .hasMessageContaining("--port");
    assertThatThrownBy(() -> new ServerConfig("127.0.0.1", -1, DATA))
        .hasMessageContaining("--port");
  }

  @Test
  void dataDirectoriesLieApart() {
    assertThatThrownBy(() -> new ServerConfig("::1", 1, List.of(Path.of("a"), Path.of("a", "b"))))
        .hasMessageContaining("lies in it");
    assertThatThrownBy(() -> new ServerConfig("::1", 1, List.of(Path.of("a"), Path.of("./a"))))
        .hasMessageContaining("--data-dir");
    assertThat(new ServerConfig("::1", 1, List.of(Path.of("a"), Path.of("ab"))).dataDirectories())
        .hasSize(2);
  }
}
