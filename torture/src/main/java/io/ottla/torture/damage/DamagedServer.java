package io.ottla.torture.damage;

import io.ottla.testkit.Api;
import io.ottla.torture.history.ReplicaFiles;
import io.ottla.torture.run.AttackedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** A server on damaged files: it may be well, refuse to start, or never get ready. One owner. */
final class DamagedServer implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

  private final Process process;
  private final Api api;
  private final Path data;
  private final Path log;
  private final long startedNanos = System.nanoTime();

  private DamagedServer(Process process, Api api, Path data, Path log) {
    this.process = process;
    this.api = api;
    this.data = data;
    this.log = log;
  }

  /** Launches it; it may end at once. */
  static DamagedServer launch(Path directory, Path data) throws IOException {
    AttackedServer server = new AttackedServer(directory, data, List.of());
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Process process = server.launch(port);
    Api api = new Api(URI.create("http://127.0.0.1:" + port), REQUEST_TIMEOUT);
    return new DamagedServer(process, api, data, server.log());
  }

  Api api() {
    return api;
  }

  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  boolean hasEnded() {
    return !process.isAlive();
  }

  int exitCode() {
    return process.exitValue();
  }

  String printed() throws IOException {
    return Files.exists(log)
        ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
        : "nothing";
  }

  /** Something that is to be; what is still missing, or nothing. */
  @FunctionalInterface
  interface Condition {
    /** What is missing; empty if nothing is. */
    String missing() throws IOException, InterruptedException;
  }

  /** Waits for it while the server lives; what is still missing when the time is over. */
  String await(Condition condition, Duration untilAge) throws InterruptedException {
    while (true) {
      String missing;
      try {
        missing = condition.missing();
      } catch (IOException | UncheckedIOException e) {
        missing = e.toString();
      }
      if (missing.isEmpty()) {
        return missing;
      }
      if (hasEnded()) {
        return "the server ended with " + exitCode();
      }
      if (age().compareTo(untilAge) > 0) {
        return missing;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  String notReady() throws IOException, InterruptedException {
    Api.Reply reply = api.get("/health/ready");
    return reply.status() == 200 ? "" : reply.body().toString();
  }

  String notListening() throws IOException, InterruptedException {
    return api.get("/health/live").status() == 200 ? "" : "not live";
  }

  /** Every broker runs, every replica has everything, and all of their files are the same. */
  String notWhole() throws IOException, InterruptedException {
    List<String> missing = new ArrayList<>();
    Api.Reply cluster = api.get("/cluster/" + BaseDeployment.CLUSTER);
    if (cluster.status() != 200) {
      missing.add("the cluster: " + cluster);
    }
    for (JsonNode broker : cluster.body().path("brokers")) {
      if (!broker.path("state").asString("").equals("running")) {
        missing.add("broker " + broker.path("id") + " is " + broker.path("state"));
      }
    }
    List<String> topics = new ArrayList<>(BaseDeployment.TOPICS.keySet());
    topics.add("__consumer_offsets");
    for (String topic : topics) {
      Api.Reply reply = api.get("/topic/" + topic);
      JsonNode partitions = reply.body().path("partitions");
      if (reply.status() != 200 || partitions.isEmpty()) {
        missing.add(topic + ": " + reply);
      }
      for (JsonNode partition : partitions) {
        JsonNode replicas = partition.path("replica_details");
        if (replicas.size() < 3) {
          missing.add(topic + "-" + partition.path("partition") + " has only " + replicas.size());
        }
        for (JsonNode replica : replicas) {
          if (!replica.path("end_offset").equals(partition.path("end_offset"))) {
            missing.add(topic + "-" + partition.path("partition") + " ends at " + replica);
          }
        }
      }
    }
    if (missing.isEmpty()) {
      missing.addAll(
          new ReplicaFiles(data.resolve(BaseDeployment.CLUSTER), 3, BaseDeployment.TOPICS)
              .differences());
    }
    return String.join("; ", missing);
  }

  /** Kills it. */
  @Override
  public void close() {
    api.close();
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
