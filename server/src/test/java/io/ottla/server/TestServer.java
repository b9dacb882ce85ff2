package io.ottla.server;

import io.ottla.testkit.Api;
import io.ottla.testkit.PackagedServer;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Starts the packaged server as a process of its own, in a directory of the test's. */
record TestServer(Path directory) {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

  ServerProcess.Command command(String... arguments) {
    var packaged = PackagedServer.find(Path.of(".."));
    return new ServerProcess.Command(
        packaged.classPath(),
        packaged.jvmOptions(),
        List.of(arguments),
        directory,
        directory.resolve("server.log"));
  }

  /** On any free port, with the test's one data directory. */
  ServerProcess start() throws IOException, InterruptedException {
    return start(0);
  }

  /** On that port. */
  ServerProcess start(int port) throws IOException, InterruptedException {
    String number = Integer.toString(port);
    return ServerProcess.start(
        command("--port", number, "--data-dir", dataDirectory().toString()), START_TIMEOUT);
  }

  /** On any free port, launched by that and with more options for Java. */
  ServerProcess start(List<String> launcher, List<String> jvmOptions)
      throws IOException, InterruptedException {
    var usual = command("--port", "0", "--data-dir", dataDirectory().toString());
    List<String> options = new ArrayList<>(usual.jvmOptions());
    options.addAll(jvmOptions);
    return ServerProcess.start(
        new ServerProcess.Command(
            launcher, usual.classPath(), options, usual.arguments(), directory, usual.log()),
        START_TIMEOUT);
  }

  Path dataDirectory() {
    return directory.resolve("data");
  }

  /** Waits until every group has a leader; the time since the process was launched. */
  static Duration awaitReady(ServerProcess server, Api api) {
    long startedNanos = System.nanoTime();
    Awaitility.await()
        .atMost(START_TIMEOUT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> api.get("/health/ready").status() == 200);
    return server.startTime().plusNanos(System.nanoTime() - startedNanos);
  }

  /** Runs a server that is expected to refuse to start. */
  Ended runToItsEnd(String... arguments) throws IOException, InterruptedException {
    return runToItsEnd("io.ottla.server.Main", arguments);
  }

  /** Runs {@code ./ottla recover}. */
  Ended recover(String... arguments) throws IOException, InterruptedException {
    return runToItsEnd("io.ottla.server.RecoverMain", arguments);
  }

  private Ended runToItsEnd(String mainClass, String... arguments)
      throws IOException, InterruptedException {
    ServerProcess.Command usual = command(arguments);
    Path log = Files.createTempFile(directory, "run-", ".log");
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(usual.jvmOptions());
    words.addAll(List.of("-cp", usual.classPath(), mainClass));
    words.addAll(usual.arguments());
    Process process =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    process.destroyForcibly().waitFor();
    return new Ended(ended ? process.exitValue() : -1, Files.readString(log));
  }

  /** How a process ended; the exit code is -1 if it had to be killed. */
  record Ended(int exitCode, String printed) {}
}
