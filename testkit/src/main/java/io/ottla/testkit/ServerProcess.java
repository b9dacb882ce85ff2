package io.ottla.testkit;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One running server, a child process that is ready to be used. What it prints goes to a file. One
 * owner at a time.
 */
public final class ServerProcess {
  private static final Pattern READY = Pattern.compile("(?m)^Ottla is ready at (\\S+) .*\\)$");
  private static final int LOG_TAIL_BYTES = 65_536;

  private final Process process;
  private final URI url;
  private final Path log;
  private final Duration startTime;

  private ServerProcess(Process process, URI url, Path log, Duration startTime) {
    this.process = process;
    this.url = url;
    this.log = log;
    this.startTime = startTime;
  }

  /**
   * How a server is started.
   *
   * @param launcher what runs the Java program with its arguments, empty for itself; a shell that
   *     sets a limit first, for example
   * @param classPath holds the server's main class
   * @param jvmOptions as they stand on Java's command line
   * @param arguments the server's own, {@code --port 0} among them if any free port will do
   * @param workingDirectory exists
   * @param log is appended to
   */
  public record Command(
      List<String> launcher,
      String classPath,
      List<String> jvmOptions,
      List<String> arguments,
      Path workingDirectory,
      Path log) {
    private static final String MAIN_CLASS = "io.ottla.server.Main";

    /** Without a launcher. */
    public Command(
        String classPath,
        List<String> jvmOptions,
        List<String> arguments,
        Path workingDirectory,
        Path log) {
      this(List.of(), classPath, jvmOptions, arguments, workingDirectory, log);
    }

    /** The process, started with the Java that runs this; whether it gets ready is open. */
    public Process launch() throws IOException {
      List<String> command = new ArrayList<>(launcher);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvmOptions);
      command.addAll(List.of("-cp", classPath, MAIN_CLASS));
      command.addAll(arguments);
      return new ProcessBuilder(command)
          .directory(workingDirectory.toFile())
          .redirectInput(ProcessBuilder.Redirect.from(nullFile().toFile()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    }

    private static Path nullFile() {
      return Path.of(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    }
  }

  /** Starts a server and waits until it says that it is ready; ends it if that takes too long. */
  public static ServerProcess start(Command command, Duration timeout)
      throws IOException, InterruptedException {
    long logBytesBefore = Files.exists(command.log()) ? Files.size(command.log()) : 0;
    long startedNanos = System.nanoTime();
    Process process = command.launch();
    while (true) {
      boolean ended = process.waitFor(10, TimeUnit.MILLISECONDS);
      String printed = printedSince(command.log(), logBytesBefore);
      Duration elapsed = Duration.ofNanos(System.nanoTime() - startedNanos);
      Optional<URI> url = readyUrl(printed);
      if (url.isPresent() && !ended) {
        return new ServerProcess(process, url.get(), command.log(), elapsed);
      }
      if (ended || elapsed.compareTo(timeout) > 0) {
        process.destroyForcibly();
        String what =
            ended
                ? "the server ended with exit code " + process.exitValue() + " before it was ready"
                : "the server was not ready after " + timeout;
        throw new IOException(what + "; its log, " + command.log() + ", ends with\n" + printed);
      }
    }
  }

  private static Optional<URI> readyUrl(String printed) {
    Matcher ready = READY.matcher(printed);
    return ready.find() ? Optional.of(URI.create(ready.group(1))) : Optional.empty();
  }

  private static String printedSince(Path log, long bytesBefore) throws IOException {
    byte[] all = Files.readAllBytes(log);
    int from = (int) Math.max(bytesBefore, all.length - LOG_TAIL_BYTES);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8);
  }

  public URI url() {
    return url;
  }

  public long pid() {
    return process.pid();
  }

  /** Where the server's own messages are. */
  public Path log() {
    return log;
  }

  /** How long it took from launching the process to its being ready. */
  public Duration startTime() {
    return startTime;
  }

  /** Makes sure that the server does not outlive this process, should it end early. */
  public void killAtExit() {
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /**
   * SIGKILL: the process gets no chance to do anything. Returns when it is gone.
   *
   * @return its exit code: 137 if this ended it
   */
  public int kill() throws InterruptedException {
    return process.destroyForcibly().waitFor();
  }

  /** SIGTERM: the process is asked to end. Its exit code, or nothing if it still runs by then. */
  public Optional<Integer> terminate(Duration timeout) throws InterruptedException {
    process.destroy();
    return awaitEnd(timeout);
  }

  /** Its exit code when it has ended by itself, or nothing if it still runs by then. */
  public Optional<Integer> awaitEnd(Duration timeout) throws InterruptedException {
    return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)
        ? Optional.of(process.exitValue())
        : Optional.empty();
  }
}
