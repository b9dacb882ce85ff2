package io.ottla.torture;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.load.Workload;
import io.ottla.torture.run.Run;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A data directory on a small disk of its own that something else fills under load: publishing is
 * refused with 507, reads and deletions go on, and writing comes back by itself when there is room.
 * Needs the right to mount. One owner.
 */
public final class FullAttack {
  private static final String SIZE = "size=256m";
  private static final int PIECE_BYTES = 1 << 20;
  private static final int EVENTS = 5_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BACK_WITHIN = Duration.ofSeconds(10);

  private final Run run;
  private final int times;

  /**
   * @param times how often the disk is filled
   */
  public FullAttack(Run run, int times) {
    this.run = run;
    this.times = times;
  }

  /**
   * Runs to its end; what was found is in the run's findings.
   *
   * @return false if nothing can be mounted here
   */
  public boolean attack() throws IOException, InterruptedException {
    try (Workspace workspace = run.workspace()) {
      Path disk = Files.createDirectories(workspace.resolve("data"));
      if (!command("mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", disk.toString())) {
        return false;
      }
      try {
        attack(workspace, disk);
      } finally {
        command("umount", disk.toString());
      }
    }
    return true;
  }

  private void attack(Workspace workspace, Path disk) throws IOException, InterruptedException {
    LoadedServer loaded = LoadedServer.start(run, workspace, Workload.Size.normal(), List.of());
    try {
      Api api = loaded.workload().site().api();
      for (int i = 0; i <= times; i++) {
        api.post("/topic", Api.object().put("name", "spare-" + i)).expect(201);
      }
      for (int i = 0; i < times; i++) {
        loaded.workload().site().enough(loaded.history().ackedCount() + EVENTS);
        loaded.awaitAcked(loaded.history().ackedCount() + EVENTS, PATIENCE);
        awaitBallast(disk);
        fill(loaded, disk, i);
      }
      loaded.awaitAcked(loaded.history().ackedCount() + EVENTS, PATIENCE);
      loaded.judge();
      Run.say("disk full: %d times", times);
      loaded.report();
    } finally {
      loaded.end();
    }
  }

  /** What brokers keep for a full disk they hold a second after there was room. */
  private void awaitBallast(Path disk) throws InterruptedException {
    Path cluster = disk.resolve(Workload.CLUSTER);
    await(
        "every broker holds its ballast",
        PATIENCE,
        () ->
            IntStream.rangeClosed(1, run.brokers())
                    .filter(id -> Files.exists(cluster.resolve("broker-" + id + "/ballast")))
                    .count()
                + " are held",
        run.brokers() + " ");
  }

  private void fill(LoadedServer loaded, Path disk, int number)
      throws IOException, InterruptedException {
    Path filler = disk.resolve("filler");
    ObjectNode commit = commit(loaded.workload().site().api(), number);
    long bytes = write(filler);
    if (disk.toFile().getUsableSpace() > PIECE_BYTES) {
      run.findings().add(Anomaly.UNEXPECTED_ANSWER, "the disk was not full");
    }
    Api api = loaded.workload().site().api();
    expect("a publish is refused", PATIENCE, () -> publish(api), 507);
    expect(
        "a partition can be read",
        BACK_WITHIN,
        () -> api.get("/events?topic=orders&partition=0&offset=0&max_events=10"),
        200);
    expect("a position can be committed", BACK_WITHIN, () -> api.post("/offset", commit), 200);
    expect(
        "a topic can be deleted", PATIENCE, () -> api.delete("/topic/spare-" + number), 204, 404);
    Files.delete(filler);
    long startedNanos = System.nanoTime();
    expect("events are acked again", BACK_WITHIN, () -> publish(api), 201);
    Run.say(
        "filled with %d MiB; acked again %.1f s after there was room",
        bytes >> 20, (System.nanoTime() - startedNanos) / 1e9);
  }

  /** A commit of a member that has joined a group of its own. */
  private static ObjectNode commit(Api api, int number) throws IOException, InterruptedException {
    ObjectNode join = Api.object().put("group", "full-" + number).put("from", "earliest");
    join.putArray("topics").add("orders");
    long consumer = api.post("/consumer", join).expect(201).required("consumer_id").asLong();
    ObjectNode commit = Api.object().put("consumer_id", consumer);
    commit
        .putArray("offsets")
        .add(Api.object().put("topic", "orders").put("partition", 0).put("offset", number));
    return commit;
  }

  /** Of a topic that is not judged, and not deleted either. */
  private Api.Reply publish(Api api) throws IOException, InterruptedException {
    var event = Api.object().put("topic", "spare-" + times).put("value", "x");
    return api.post("/events", event.put("timeout_ms", 2_000));
  }

  private void expect(String what, Duration within, Callable<Api.Reply> request, int... statuses)
      throws InterruptedException {
    await(
        what,
        within,
        () -> answer(request),
        Arrays.stream(statuses).mapToObj(status -> status + " ").toArray(String[]::new));
  }

  /** Until what is seen begins in one of these ways. */
  private void await(String what, Duration within, Callable<String> look, String... beginnings)
      throws InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    while (true) {
      String seen = look(look);
      if (Arrays.stream(beginnings).anyMatch(seen::startsWith)) {
        return;
      }
      if (System.nanoTime() > deadline) {
        run.findings()
            .add(Anomaly.NOT_HEALED, "not within " + within + ": " + what + "; last seen: " + seen);
        return;
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static String look(Callable<String> look) throws InterruptedException {
    try {
      return look.call();
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      // Not yet.
      return e.toString();
    }
  }

  private static String answer(Callable<Api.Reply> request) throws Exception {
    Api.Reply reply = request.call();
    return reply.status() + " " + reply.body();
  }

  /** Until nothing more fits; how many bytes did. */
  private static long write(Path filler) throws IOException {
    long written = 0;
    try (OutputStream out = Files.newOutputStream(filler)) {
      for (int piece = PIECE_BYTES; piece > 0; piece /= 2) {
        written += writePieces(out, piece);
      }
    }
    return written;
  }

  private static long writePieces(OutputStream out, int pieceBytes) {
    long written = 0;
    byte[] piece = new byte[pieceBytes];
    while (true) {
      try {
        out.write(piece);
        written += pieceBytes;
      } catch (IOException full) {
        return written;
      }
    }
  }

  private static boolean command(String... words) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(words).inheritIO().start().waitFor() == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }
}
