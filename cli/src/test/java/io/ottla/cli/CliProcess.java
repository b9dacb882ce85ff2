package io.ottla.cli;

import io.ottla.cli.terminal.Console;
import io.ottla.testkit.PackagedServer;
import io.ottla.testkit.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Commands against a server that is a process of its own. One owner at a time. */
final class CliProcess {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final long COMMAND_SECONDS = 60;

  private final Path directory;
  private final URI url;
  private int commands;

  private CliProcess(Path directory, URI url) {
    this.directory = directory;
    this.url = url;
  }

  /** How a command ended; its output stays in a file. */
  record Ended(int exitCode, Path out, String err) {
    byte[] bytes() throws IOException {
      return Files.readAllBytes(out);
    }

    List<String> lines() throws IOException {
      return Files.readAllLines(out);
    }
  }

  static ServerProcess startServer(Path directory) throws IOException, InterruptedException {
    List<String> arguments =
        List.of("--port", "0", "--data-dir", directory.resolve("data").toString());
    var packaged = PackagedServer.find(Path.of(".."));
    ServerProcess server =
        ServerProcess.start(
            new ServerProcess.Command(
                packaged.classPath(),
                packaged.jvmOptions(),
                arguments,
                directory,
                directory.resolve("server.log")),
            START_TIMEOUT);
    server.killAtExit();
    return server;
  }

  static CliProcess against(ServerProcess server, Path directory) {
    return new CliProcess(directory, server.url());
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }

  /** Starts a command; nothing is on its standard input. */
  Process start(String... arguments) throws IOException {
    return builder(arguments).redirectInput(ProcessBuilder.Redirect.PIPE).start();
  }

  /** Runs a command to its end, in this process: that is quicker. */
  Ended run(String... arguments) throws IOException {
    commands++;
    Path out = directory.resolve("out-" + commands);
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (OutputStream file = Files.newOutputStream(out)) {
      Console console =
          new Console(
              InputStream.nullInputStream(), file, err, Map.of("OTTLA_URL", url.toString()), "");
      int exitCode = Main.run(console, arguments);
      return new Ended(exitCode, out, err.toString(StandardCharsets.UTF_8));
    }
  }

  /** Runs a command to its end, as a process with a file on its standard input. */
  Ended runOn(Path in, String... arguments) throws IOException, InterruptedException {
    commands++;
    Path out = directory.resolve("out-" + commands);
    Path err = directory.resolve("err-" + commands);
    Process process =
        builder(arguments)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("still running: " + String.join(" ", arguments));
    }
    return new Ended(process.exitValue(), out, Files.readString(err, StandardCharsets.UTF_8));
  }

  private ProcessBuilder builder(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    command.addAll(List.of("-cp", classPath(), "io.ottla.cli.Main"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OTTLA_URL", url.toString());
    return builder;
  }
}
