package io.ottla.torture.run;

import io.ottla.testkit.Api;
import io.ottla.testkit.PackagedServer;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * The server that is attacked, through its lives: a process of its own on a free port of the
 * loopback, with one data directory. One owner, the attacker.
 */
public final class AttackedServer {
  /** The exit code of a process that SIGKILL ended. */
  public static final int KILLED = 137;

  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(10);

  private final Path directory;
  private final Path dataDirectory;
  private final PackagedServer packaged;
  private final List<String> jvmOptions;
  private ServerProcess process;

  /**
   * @param directory the server's working directory, with its log
   * @param moreJvmOptions put behind those that every server gets
   */
  public AttackedServer(Path directory, Path dataDirectory, List<String> moreJvmOptions) {
    this.directory = directory;
    this.dataDirectory = dataDirectory;
    this.packaged = PackagedServer.find(Path.of(System.getProperty("ottla.home", ".")));
    this.jvmOptions = new ArrayList<>(packaged.jvmOptions());
    jvmOptions.add("-XX:+UseSerialGC");
    jvmOptions.addAll(moreJvmOptions);
  }

  private ServerProcess.Command command() {
    return command(0);
  }

  private ServerProcess.Command command(int port) {
    return new ServerProcess.Command(
        packaged.classPath(),
        jvmOptions,
        List.of("--port", Integer.toString(port), "--data-dir", dataDirectory.toString()),
        directory,
        log());
  }

  public Path log() {
    return directory.resolve("server.log");
  }

  public Path dataDirectory() {
    return dataDirectory;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @return how long that took from launching the process
   */
  public Duration start() throws IOException, InterruptedException {
    return start(START_TIMEOUT);
  }

  /** The same, waiting at most so long. */
  public Duration start(Duration timeout) throws IOException, InterruptedException {
    long startedNanos = System.nanoTime();
    process = ServerProcess.start(command(), timeout);
    process.killAtExit();
    try (Api api = api()) {
      awaitReady(api, timeout);
    }
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  private static void awaitReady(Api api, Duration timeout)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (api.get("/health/ready").status() != 200) {
      if (System.nanoTime() > deadline) {
        throw new IOException("not ready: " + api.get("/health/ready").body());
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /**
   * Starts it and kills it while it starts, or recovers.
   *
   * @return whether the kill ended it
   */
  public boolean killWhileStarting(Duration after) throws IOException, InterruptedException {
    Process starting = command().launch();
    try {
      starting.waitFor(after.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      starting.destroyForcibly().waitFor();
    }
    return starting.exitValue() == KILLED;
  }

  /** Launches a server that may never get ready, on that port. */
  public Process launch(int port) throws IOException {
    ServerProcess.Command command = command(port);
    Process launched = command.launch();
    Runtime.getRuntime().addShutdownHook(new Thread(launched::destroyForcibly));
    return launched;
  }

  public Api api() {
    return new Api(process.url(), REQUEST_TIMEOUT);
  }

  public URI url() {
    return process.url();
  }

  public long pid() {
    return process.pid();
  }

  /**
   * SIGKILL.
   *
   * @return whether that ended it; false if it had ended by itself, or never ran
   */
  public boolean kill() throws InterruptedException {
    return process != null && process.kill() == KILLED;
  }

  /** Waits until it ends by itself; its exit code, or nothing if it still runs by then. */
  public Optional<Integer> awaitEnd(Duration timeout) throws InterruptedException {
    return process.awaitEnd(timeout);
  }

  /** SIGTERM; whether it ended cleanly and in time. */
  public boolean stop() throws InterruptedException {
    boolean clean = process.terminate(STOP_TIMEOUT).filter(code -> code == 0).isPresent();
    if (!clean) {
      process.kill();
    }
    return clean;
  }

  /**
   * Waits until every replica of every partition has all events.
   *
   * @return the partitions that are still behind when the time is over
   */
  public List<String> awaitReplicas(List<String> topics, Duration timeout)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Api api = api()) {
      while (true) {
        List<String> behind = new ArrayList<>();
        for (String topic : topics) {
          Api.Reply reply = api.get("/topic/" + topic);
          JsonNode partitions = reply.body().path("partitions");
          if (reply.status() != 200 || partitions.isEmpty()) {
            behind.add(topic + ": " + reply);
          }
          for (JsonNode partition : partitions) {
            behind.addAll(behind(topic, partition));
          }
        }
        if (behind.isEmpty() || System.nanoTime() > deadline) {
          return behind;
        }
        LockSupport.parkNanos(POLL.multipliedBy(5).toNanos());
      }
    }
  }

  private static List<String> behind(String topic, JsonNode partition) {
    List<String> behind = new ArrayList<>();
    int replicas = partition.path("replicas").size();
    JsonNode details = partition.path("replica_details");
    if (details.size() < replicas) {
      behind.add(topic + "-" + partition.path("partition") + " has only " + details);
    }
    for (JsonNode replica : details) {
      if (!replica.path("end_offset").equals(partition.path("end_offset"))) {
        behind.add(topic + "-" + partition.path("partition") + " ends at " + replica);
      }
    }
    return behind;
  }
}
