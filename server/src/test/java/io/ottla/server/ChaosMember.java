package io.ottla.server;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A client that does to its group whatever a client may do, at random: it polls with and without a
 * cursor, commits in every way, streams, leaves and joins again, falls silent and comes back. One
 * owner, the thread that runs it.
 */
final class ChaosMember implements Runnable {
  private static final Duration RETRY_PAUSE = Duration.ofMillis(20);
  private static final int RETRIES = 50;

  private final SplittableRandom random;
  private final Scene scene;
  private GroupMember member;

  /** Whether its answers since it joined, or since the server was restarted, were all seen. */
  private boolean knowsItsPosition;

  private Server seen;

  /** A server between two restarts. */
  record Server(int number, Api api) {}

  /**
   * What members share.
   *
   * @param server the one that runs now
   * @param streams whether they stream: a stream that commits by itself may commit what its cut end
   *     held
   */
  record Scene(
      GroupMember.Joining joining,
      GroupHistory history,
      Supplier<Server> server,
      boolean streams,
      Queue<String> unexpected) {
    Scene(
        GroupMember.Joining joining,
        GroupHistory history,
        Supplier<Server> server,
        boolean streams) {
      this(joining, history, server, streams, new ConcurrentLinkedQueue<>());
    }
  }

  ChaosMember(SplittableRandom random, Scene scene) {
    this.random = random;
    this.scene = scene;
    this.seen = scene.server().get();
  }

  /** Until it is interrupted. */
  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        step();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step() throws InterruptedException {
    Server server = scene.server().get();
    if (!server.equals(seen)) {
      seen = server;
      knowsItsPosition = true;
    }
    try {
      if (member == null) {
        member = GroupMember.join(server.api(), scene.joining(), scene.history());
        knowsItsPosition = true;
      } else {
        act(server.api());
      }
    } catch (IOException e) {
      // The server is gone, or was when this was asked: its next life knows no position.
      knowsItsPosition = false;
      awaitServer(server);
    }
  }

  /** The next one; or the same, if it is not gone after all. */
  private void awaitServer(Server gone) throws InterruptedException {
    for (int i = 0; i < RETRIES && scene.server().get().equals(gone); i++) {
      pause(RETRY_PAUSE);
    }
  }

  private void act(Api api) throws IOException, InterruptedException {
    int chance = random.nextInt(100);
    if (chance < 50) {
      poll(api);
    } else if (chance < 75) {
      commit(api);
    } else if (chance < 80) {
      check(member.heartbeat(api), "heartbeat", "");
    } else if (chance < 84) {
      leave(api);
    } else if (chance < 89) {
      fallSilent(api);
    } else if (chance < 93 && scene.streams() && (knowsItsPosition || member.hasCursor())) {
      follow(api);
    } else {
      pause(Duration.ofMillis(random.nextInt(100)));
    }
  }

  /** Mostly for longer than its session; then it often commits as if nothing had happened. */
  private void fallSilent(Api api) throws IOException, InterruptedException {
    pause(scene.joining().sessionTimeout().multipliedBy(60 + random.nextInt(140)).dividedBy(100));
    if (random.nextInt(3) > 0) {
      commit(api);
    }
  }

  /**
   * Without a cursor only if every answer was seen: else the coordinator may be ahead, and what the
   * lost answer held would be passed over, as the contract says.
   */
  private void poll(Api api) throws IOException, InterruptedException {
    String limits = "max_events=" + (1 + random.nextInt(200)) + "&wait_ms=" + random.nextInt(300);
    boolean byCursor = member.hasCursor() && (!knowsItsPosition || random.nextBoolean());
    if (!byCursor && !knowsItsPosition) {
      leave(api);
      return;
    }
    Api.Reply reply = byCursor ? member.pollFromCursor(api, limits) : member.poll(api, limits);
    check(reply, "poll", "");
    if (reply.status() == 200 && byCursor) {
      knowsItsPosition = true;
    }
  }

  private void commit(Api api) throws IOException, InterruptedException {
    int way = random.nextInt(3);
    if (way == 0 && knowsItsPosition) {
      check(member.commitPosition(api), "commit", "not_assigned position_lost");
    } else if (way == 1 && member.hasCursor()) {
      check(member.commitCursor(api), "commit", "not_assigned");
    } else if (!member.given().isEmpty()) {
      check(member.commitOffsets(api, someOfTheGiven()), "commit", "not_assigned");
    }
  }

  /** Some of the partitions, rarely not quite up to what was given. */
  private Map<Integer, Long> someOfTheGiven() {
    Map<Integer, Long> offsets = new TreeMap<>();
    member
        .given()
        .forEach(
            (partition, offset) -> {
              if (offsets.isEmpty() || random.nextBoolean()) {
                long back = random.nextInt(10) == 0 ? random.nextInt(5) : 0;
                offsets.put(partition, Math.max(0, offset - back));
              }
            });
    return offsets;
  }

  /** Once asked to leave it may be gone, also if the answer is lost: nobody asks for it again. */
  private void leave(Api api) throws IOException, InterruptedException {
    GroupMember leaving = member;
    member = null;
    check(leaving.leave(api), leaving, "leave", "");
  }

  private void follow(Api api) throws IOException {
    knowsItsPosition = false;
    member.follow(api, Duration.ofMillis(50 + random.nextInt(400)));
  }

  /** Busy and refused for the moment is fine, and the conflicts named. */
  private void check(Api.Reply reply, String request, String conflicts) {
    check(reply, member, request, conflicts);
  }

  private void check(Api.Reply reply, GroupMember asking, String request, String conflicts) {
    String code = reply.body().path("code").asString("");
    boolean expected =
        reply.status() / 100 == 2
            || (reply.status() == 503 && reply.body().path("retriable").asBoolean(false))
            || (reply.status() == 409 && conflicts.contains(code));
    if (!expected) {
      scene.unexpected().add(request + " of " + asking.id() + ": " + reply);
    }
  }

  private static void pause(Duration time) throws InterruptedException {
    LockSupport.parkNanos(time.toNanos());
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
