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
  private final ServerProcess process;
  private final Path directory;

  private BenchedServer(ServerProcess process, Path directory) {
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
            List.of("--port", "0", "--data-dir", directory.resolve("data").toString()),
            directory,
            directory.resolve("server.log"));
    ServerProcess process = ServerProcess.start(command, Duration.ofSeconds(30));
    process.killAtExit();
    return new BenchedServer(process, directory);
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
