package io.ottla.benchmarks;

import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * A server started for the measurement, in a directory of its own below the working directory (a
 * temporary directory may be memory, which would make forcing free). One owner at a time.
 */
final class BenchedServer {
  private static final String DATA = "data";

  private final ServerProcess.Command command;
  private final Path directory;
  private ServerProcess process;

  private BenchedServer(ServerProcess.Command command, ServerProcess process, Path directory) {
    this.command = command;
    this.process = process;
    this.directory = directory;
  }

  static BenchedServer start() throws IOException, InterruptedException {
    Path parent = Files.createDirectories(Path.of("ottla-data").toAbsolutePath());
    Path directory = Files.createTempDirectory(parent, "bench-");
    var command =
        new ServerProcess.Command(
            System.getProperty("java.class.path"),
            ManagementFactory.getRuntimeMXBean().getInputArguments(),
            List.of("--port", "0", "--data-dir", directory.resolve(DATA).toString()),
            directory,
            directory.resolve("server.log"));
    return new BenchedServer(command, start(command, Duration.ofSeconds(30)), directory);
  }

  private static ServerProcess start(ServerProcess.Command command, Duration timeout)
      throws IOException, InterruptedException {
    ServerProcess process = ServerProcess.start(command, timeout);
    process.killAtExit();
    return process;
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.kill();
  }

  /**
   * Starts it on the same data, on another port.
   *
   * @return how long it took to be ready, from launching the process
   */
  Duration startAgain() throws IOException, InterruptedException {
    process = start(command, Duration.ofMinutes(5));
    return process.startTime();
  }

  Path dataDirectory() {
    return directory.resolve(DATA);
  }

  URI url() {
    return process.url();
  }

  long pid() {
    return process.pid();
  }

  /** Ends the server and removes its directory. */
  void stop() throws IOException, InterruptedException {
    if (process.terminate(Duration.ofSeconds(15)).isEmpty()) {
      process.kill();
    }
    try (var paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
