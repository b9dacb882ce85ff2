package io.ottla.demo;

import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The server that the demo starts for itself, in a directory of its own. */
record DemoServer(ServerProcess process, Path directory) {
  static DemoServer start(boolean keep) throws IOException, InterruptedException {
    Path parent = Files.createDirectories(Path.of("ottla-data").toAbsolutePath());
    Path directory = Files.createTempDirectory(parent, "demo-");
    var command =
        new ServerProcess.Command(
            System.getProperty("java.class.path"),
            ManagementFactory.getRuntimeMXBean().getInputArguments(),
            List.of("--port", "0", "--data-dir", dataDirectory(directory).toString()),
            directory,
            directory.resolve("server.log"));
    ServerProcess process = ServerProcess.start(command, Duration.ofSeconds(30));
    if (!keep) {
      process.killAtExit();
    }
    return new DemoServer(process, directory);
  }

  private static Path dataDirectory(Path directory) {
    return directory.resolve("data");
  }

  Path dataDirectory() {
    return dataDirectory(directory);
  }
}
