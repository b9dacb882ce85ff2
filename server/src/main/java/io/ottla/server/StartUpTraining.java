package io.ottla.server;

import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs a server through what most servers do first, so that Java can note which classes that needs
 * and keep them ready: the build does so with {@code -XX:ArchiveClassesAtExit}.
 */
public final class StartUpTraining {
  private static final Duration READY_WITHIN = Duration.ofMinutes(1);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

  private StartUpTraining() {}

  /**
   * Needs no arguments, and fails no build: what does not work here leaves an archive with less in
   * it, or none, and servers start without.
   */
  public static void main(String[] arguments) throws InterruptedException {
    Main.installLogging();
    try {
      train();
    } catch (IOException | RuntimeException e) {
      System.err.println("ottla: the training ends early: " + e);
    }
  }

  private static void train() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("ottla-training-");
    try {
      ServerConfig config = new ServerConfig("127.0.0.1", 0, List.of(directory.resolve("data")));
      runOnce(config, true);
      runOnce(config, false); // a start that recovers
    } finally {
      new SystemDisk().deleteTree(directory);
    }
  }

  private static void runOnce(ServerConfig config, boolean isFirst)
      throws IOException, InterruptedException {
    Wiring wiring = Wiring.open(config, () -> {});
    try (HttpClient client = HttpClient.newHttpClient()) {
      awaitReady(wiring);
      URI url = URI.create("http://127.0.0.1:" + wiring.port() + "/");
      if (isFirst) {
        post(client, url, "cluster", "{\"name\":\"c\"}");
        post(client, url, "topic", "{\"name\":\"t\"}");
      }
      post(client, url, "events", "{\"topic\":\"t\",\"key\":\"k\",\"value\":{\"a\":1}}");
      post(client, url, "events", "{\"topic\":\"t\",\"events\":[{\"value\":\"x\"},{\"value\":1}]}");
      get(client, url, "events?topic=t&partition=0&offset=0");
      get(client, url, "topic/t");
      get(client, url, "cluster");
      get(client, url, "health/live");
    } finally {
      wiring.close();
    }
  }

  private static void awaitReady(Wiring wiring) throws IOException {
    long startedNanos = System.nanoTime();
    while (!wiring.reasonsNotReady().isEmpty()) {
      if (System.nanoTime() - startedNanos > READY_WITHIN.toNanos()) {
        throw new IOException("not ready: " + wiring.reasonsNotReady());
      }
      LockSupport.parkNanos(10_000_000);
    }
  }

  private static void post(HttpClient client, URI url, String path, String json)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path))
            .header("Content-Type", "application/json")
            .timeout(ANSWER_WITHIN)
            .POST(BodyPublishers.ofString(json))
            .build();
    expectSuccess(client.send(request, BodyHandlers.ofString()));
  }

  private static void get(HttpClient client, URI url, String path)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(url.resolve(path)).timeout(ANSWER_WITHIN).build();
    expectSuccess(client.send(request, BodyHandlers.ofString()));
  }

  private static void expectSuccess(HttpResponse<String> response) throws IOException {
    if (response.statusCode() >= 300) {
      throw new IOException(response.uri() + ": " + response.statusCode() + " " + response.body());
    }
  }
}
