package io.ottla.server;

import io.ottla.testkit.Api;
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
  static final Duration READY_WITHIN = Duration.ofSeconds(5);

  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

  ServerProcess.Command command(String... arguments) {
    Path target = Path.of(System.getProperty("ottla.server.target", "target")).toAbsolutePath();
    String classPath =
        target.resolve("ottla-server.jar")
            + System.getProperty("path.separator")
            + target.resolve("lib")
            + "/*";
    List<String> jvmOptions =
        List.of(
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx512m");
    return new ServerProcess.Command(
        classPath, jvmOptions, List.of(arguments), directory, directory.resolve("server.log"));
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
    Path log = directory.resolve("refused.log");
    ServerProcess.Command command = command(arguments);
    long startedNanos = System.nanoTime();
    Process process =
        new ServerProcess.Command(
                command.classPath(), command.jvmOptions(), command.arguments(), directory, log)
            .launch();
    boolean ended = process.waitFor(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    Duration time = Duration.ofNanos(System.nanoTime() - startedNanos);
    process.destroyForcibly().waitFor();
    List<String> printed = new ArrayList<>(Files.readAllLines(log));
    return new Ended(ended ? process.exitValue() : -1, String.join("\n", printed), time);
  }

  /** How a process ended; the exit code is -1 if it had to be killed. */
  record Ended(int exitCode, String printed, Duration time) {}
}
