package io.ottla.server;

import io.ottla.testkit.Api;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A browser without a window and one page in it, driven over the DevTools protocol. One owner at a
 * time.
 */
final class Chromium implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final List<String> OPTIONS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--remote-debugging-port=0");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final HttpClient client;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> answers;
  private int lastId;

  private Chromium(
      Process process, HttpClient client, WebSocket socket, BlockingQueue<JsonNode> answers) {
    this.process = process;
    this.client = client;
    this.socket = socket;
    this.answers = answers;
  }

  /** The first browser on the PATH. */
  static Optional<Path> find() {
    for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
      for (String name : NAMES) {
        Path candidate = Path.of(directory, name);
        if (Files.isExecutable(candidate)) {
          return Optional.of(candidate);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Starts it with one page.
   *
   * @param profile a directory that it may fill; it need not exist
   */
  static Chromium start(Path browser, Path profile, URI page) throws IOException {
    List<String> command = new ArrayList<>(List.of(browser.toString()));
    command.addAll(OPTIONS);
    command.add("--user-data-dir=" + profile);
    command.add(page.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(profile.resolveSibling("browser.log").toFile())
            .start();
    HttpClient client = HttpClient.newHttpClient();
    try {
      URI debugger = URI.create("http://127.0.0.1:" + debuggerPort(profile));
      Listener listener = new Listener();
      WebSocket socket =
          client.newWebSocketBuilder().buildAsync(pageSocket(debugger, page), listener).join();
      Chromium chromium = new Chromium(process, client, socket, listener.answers);
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> chromium.isAt(page));
      return chromium;
    } catch (RuntimeException e) {
      process.destroyForcibly();
      client.shutdownNow();
      throw e;
    }
  }

  private static String debuggerPort(Path profile) {
    Path file = profile.resolve("DevToolsActivePort");
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> Files.exists(file) ? Files.readAllLines(file) : List.<String>of(),
            lines -> lines.size() >= 2)
        .getFirst();
  }

  private static URI pageSocket(URI debugger, URI page) {
    try (Api api = new Api(debugger, PATIENCE)) {
      JsonNode target =
          Awaitility.await()
              .atMost(PATIENCE)
              .pollInterval(Duration.ofMillis(50))
              .until(() -> pageTarget(api.get("/json/list").expect(200), page), Optional::isPresent)
              .orElseThrow();
      return URI.create(target.required("webSocketDebuggerUrl").asString());
    }
  }

  private static Optional<JsonNode> pageTarget(JsonNode targets, URI page) {
    for (JsonNode target : targets) {
      if (target.required("type").asString().equals("page")
          && target.required("url").asString().equals(page.toString())) {
        return Optional.of(target);
      }
    }
    return Optional.empty();
  }

  private boolean isAt(URI page) throws IOException, InterruptedException {
    String loaded = "document.readyState == 'complete' ? location.href : ''";
    return evaluate(loaded).asString().equals(page.toString());
  }

  /** The value of a JavaScript expression in the page, which must be JSON. */
  JsonNode evaluate(String expression) throws IOException, InterruptedException {
    ObjectNode request = Api.object().put("id", ++lastId).put("method", "Runtime.evaluate");
    request.putObject("params").put("expression", expression).put("returnByValue", true);
    socket.sendText(request.toString(), true).join();
    while (true) {
      JsonNode answer = answers.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (answer == null) {
        throw new IOException("the browser does not answer");
      }
      if (answer.path("id").asInt(-1) == lastId) {
        if (answer.has("error") || answer.required("result").has("exceptionDetails")) {
          throw new IOException(answer.toString());
        }
        return answer.required("result").required("result").path("value");
      }
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    List<ProcessHandle> processes = new ArrayList<>(process.descendants().toList());
    processes.add(process.toHandle());
    processes.forEach(ProcessHandle::destroyForcibly);
    processes.forEach(ended -> ended.onExit().join());
  }

  /** Puts the pieces of messages together. */
  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        answers.add(Api.parse(message.toString()));
        message.setLength(0);
      }
      webSocket.request(1);
      return null;
    }
  }
}
