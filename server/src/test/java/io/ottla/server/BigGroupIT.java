package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;

/** A thousand members come and go; then the group comes to rest within the contract's time. */
@Isolated("it measures how long something takes")
class BigGroupIT {
  private static final int MEMBERS = 1_000;
  private static final int PARTITIONS = 200;
  private static final String TOPIC = "orders";
  private static final String GROUP = "g1";
  private static final Duration COMING_AND_GOING = Duration.ofSeconds(8);
  private static final Duration SETTLES_WITHIN = Duration.ofSeconds(10);
  private static final Duration SESSION = Duration.ofSeconds(45);

  private final long seed = Long.getLong("ottla.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final GroupHistory history = new GroupHistory(SESSION.toNanos());
  private final Map<Long, GroupMember> members = new ConcurrentHashMap<>();
  private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();
  private final AtomicLong lastChangeNanos = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private ServerProcess server;
  private Api api;

  @TempDir private Path directory;

  @AfterEach
  void end() throws InterruptedException {
    for (Thread thread : threads) {
      thread.interrupt();
      thread.join();
    }
    if (api != null) {
      api.close();
    }
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void aThousandMembersComeToRest() throws IOException, InterruptedException {
    server = new TestServer(directory).start();
    api = new Api(server.url(), Duration.ofSeconds(60));
    api.post("/cluster", Api.object().put("name", "c1")).expect(201);
    api.post("/topic", Api.object().put("name", TOPIC).put("partitions", PARTITIONS)).expect(201);

    for (int i = 0; i < MEMBERS; i++) {
      SplittableRandom own = random.split();
      threads.add(Thread.ofVirtual().start(() -> take(own)));
    }
    Awaitility.await()
        .atMost(COMING_AND_GOING.plus(Duration.ofSeconds(60)))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> members.size() == MEMBERS);
    long changedNanos = lastChangeNanos.get();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(this::isAtRest);
    Duration took = Duration.ofNanos(System.nanoTime() - changedNanos);

    System.out.printf("seed %d: %d members at rest after %s%n", seed, MEMBERS, took);
    assertThat(took).as("seed %d", seed).isLessThanOrEqualTo(SETTLES_WITHIN);
    assertThat(unexpected).as("answers, seed %d", seed).isEmpty();
    assertThat(history.contradictions(new History())).as("seed %d", seed).isEmpty();
  }

  /** Joins, perhaps leaves and joins again, all within a time; then polls until it is ended. */
  private void take(SplittableRandom own) {
    try {
      pause(Duration.ofMillis(own.nextInt((int) COMING_AND_GOING.toMillis() / 2)));
      if (own.nextInt(3) == 0) {
        GroupMember passing = join();
        passing.poll(api, "wait_ms=" + own.nextInt(1_000));
        pause(Duration.ofMillis(own.nextInt((int) COMING_AND_GOING.toMillis() / 2)));
        expect(passing.leave(api), "leave");
        lastChangeNanos.accumulateAndGet(System.nanoTime(), Math::max);
      }
      GroupMember member = join();
      lastChangeNanos.accumulateAndGet(System.nanoTime(), Math::max);
      members.put(member.id(), member);
      while (!Thread.currentThread().isInterrupted()) {
        expect(member.poll(api, "wait_ms=" + (5_000 + own.nextInt(5_000))), "poll");
      }
    } catch (IOException e) {
      unexpected.add(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private GroupMember join() throws IOException, InterruptedException {
    return GroupMember.join(api, new GroupMember.Joining(TOPIC, GROUP, SESSION, false), history);
  }

  private void expect(Api.Reply reply, String request) {
    if (reply.status() / 100 != 2) {
      unexpected.add(request + ": " + reply);
    }
  }

  /** Every partition has one owner, who knows it, and nobody has two while somebody has none. */
  private boolean isAtRest() throws IOException, InterruptedException {
    JsonNode group = api.get("/group/" + GROUP).expect(200);
    Map<Integer, Long> owners = new TreeMap<>();
    for (JsonNode member : group.required("members")) {
      long id = member.required("consumer_id").asLong();
      JsonNode assignment = member.required("assignment");
      if (assignment.size() > 1 || member.path("revoking").size() > 0) {
        return false;
      }
      for (JsonNode row : assignment) {
        owners.put(row.required("partition").asInt(), id);
      }
    }
    return group.required("members").size() == MEMBERS
        && group.required("state").asString().equals("stable")
        && owners.size() == PARTITIONS;
  }

  private static void pause(Duration time) throws InterruptedException {
    LockSupport.parkNanos(time.toNanos());
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
