package io.ottla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.cli.Shell.Ended;
import io.ottla.cli.terminal.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CommandEndsTest {
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell();
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  @Test
  void whatIsNotThereIsOneLineAndExitCode3() {
    shell.server.answer(
        "GET /topic/nope",
        404,
        "{\"code\":\"topic_not_found\",\"detail\":\"there is no topic nope\"}");

    for (String[] command :
        new String[][] {{"topic", "describe", "nope"}, {"produce", "nope"}, {"consume", "nope"}}) {
      assertThat(shell.run(command))
          .isEqualTo(new Ended(3, "", "ottla: there is no topic nope (topic_not_found)\n"));
    }
  }

  @Test
  void aRefusalIsExitCode1() {
    shell.server.answer(
        "POST /topic", 409, "{\"code\":\"topic_exists\",\"detail\":\"there is\\none\"}");

    assertThat(shell.run("topic", "create", "liked"))
        .isEqualTo(new Ended(1, "", "ottla: there is one (topic_exists)\n"));
  }

  @Test
  void aServerThatIsNotThereIsExitCode4() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String url = "http://127.0.0.1:" + port;

    for (String[] command :
        new String[][] {
          {"topic", "list", "--url", url},
          {"status", "--url", url},
          {"produce", "t", "--url", url},
          {"consume", "t", "--url", url}
        }) {
      Ended ended = shell.run(command);
      assertThat(ended.exitCode()).isEqualTo(4);
      assertThat(ended.err().lines())
          .singleElement()
          .asString()
          .startsWith("ottla: No answer from " + url)
          .endsWith("(connection_failed)");
    }
  }

  @Test
  void whatIsNotUnderstoodIsOneLineAndExitCode2() {
    for (String[] command :
        new String[][] {
          {"topic", "list", "--nonsense"},
          {"topic", "nonsense"},
          {"topic"},
          {"topic", "describe"},
          {"broker", "stop", "c1", "x"},
          {"consume", "t", "-o", "soon"},
          {"topic", "list", "--url", "localhost"}
        }) {
      Ended ended = shell.run(command);
      assertThat(ended.exitCode()).as(String.join(" ", command)).isEqualTo(2);
      assertThat(ended.err().lines()).singleElement().asString().startsWith("ottla: ");
      assertThat(ended.out()).isEmpty();
    }
  }

  @Test
  void helpGoesToTheOutputAndTellsTheExitCodes() {
    Ended ended = shell.run("topic", "list", "--help");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out())
        .startsWith("Usage: ./ottla topic list")
        .contains("--url=URL", "--json", "--cluster=NAME", "Exit codes:", "4   the server gave");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void theVersionIsKnown() {
    assertThat(shell.run("--version").out()).startsWith("ottla ");
    assertThat(shell.run("topic", "list", "--version").out()).startsWith("ottla ");
  }

  @Test
  void theUrlOptionGoesBeforeTheVariable() throws IOException {
    try (Shell other = new Shell()) {
      other.server.answer("GET /topic", 200, "{\"topics\":[]}");

      Ended ended = shell.run("topic", "list", "--url", other.server.url().toString());

      assertThat(ended.exitCode()).isZero();
      assertThat(shell.server.received()).isEmpty();
    }
  }

  @Test
  void anOutputThatIsClosedEndsTheCommandQuietly() {
    shell.server.answer("GET /topic", 200, "{\"topics\":[]}");
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int oneByte) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    Map<String, String> environment = Map.of("OTTLA_URL", shell.server.url().toString());

    int exitCode =
        Main.run(
            new Console(InputStream.nullInputStream(), closed, err, environment, ""),
            "topic",
            "list");

    assertThat(exitCode).isZero();
    assertThat(err.size()).isZero();
  }

  @Test
  void completionKnowsTheCommandsAndThePrograms() {
    Ended ended = shell.run("completion");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out())
        .contains("complete -F _complete_ottla")
        .contains("--data-dir", "--scenario", "--keep", "--key-pointer", "--retention-hours")
        .contains("describe", "serve", "demo", "bench", "consume");
  }
}
