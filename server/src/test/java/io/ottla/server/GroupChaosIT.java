package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.server.ChaosMember.Scene;
import io.ottla.server.GroupHistory.Outcome;
import io.ottla.server.GroupHistory.Span;
import io.ottla.testkit.Api;
import io.ottla.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A group whose members do anything at random while the server is killed and started again. Every
 * round is a group and a topic of its own; {@code -Dottla.rounds} says how many, {@code
 * -Dottla.seed} repeats a run's choices.
 */
class GroupChaosIT {
  private static final int ROUNDS = Integer.getInteger("ottla.rounds", 1);
  private static final int KILLS = 2;
  private static final Duration SESSION = Duration.ofMillis(1_500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Writers.Pace PACE = new Writers.Pace(2, Duration.ofMillis(10));

  private final long seed = Long.getLong("ottla.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final AtomicLong counter = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private ServerProcess process;
  private volatile ChaosMember.Server server;
  private TestServer fixture;

  @TempDir private Path directory;

  @AfterEach
  void end() throws InterruptedException {
    stopMembers();
    if (server != null) {
      server.api().close();
    }
    if (process != null) {
      process.kill();
    }
  }

  @Test
  void everyEventIsDeliveredAndNoCommitIsLostWhateverMembersDo()
      throws IOException, InterruptedException {
    fixture = new TestServer(directory);
    start();
    server.api().post("/cluster", Api.object().put("name", "c1")).expect(201);

    for (int number = 0; number < ROUNDS; number++) {
      new Round("orders-" + number, "group-" + number).run();
    }
  }

  /** The first server of the test, or the next. */
  private void start() throws IOException, InterruptedException {
    process = fixture.start();
    Api api = new Api(process.url(), Duration.ofSeconds(20));
    TestServer.awaitReady(process, api);
    int number = server == null ? 0 : server.number() + 1;
    if (server != null) {
      server.api().close();
    }
    server = new ChaosMember.Server(number, api);
  }

  private void stopMembers() throws InterruptedException {
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
  }

  /** One group's life. */
  private final class Round {
    private final String topic;
    private final String group;
    private final History produced = new History();
    private final GroupHistory history = new GroupHistory(SESSION.toNanos());
    private Scene scene;

    private Round(String topic, String group) {
      this.topic = topic;
      this.group = group;
    }

    private void run() throws IOException, InterruptedException {
      server.api().post("/topic", Api.object().put("name", topic).put("partitions", 6)).expect(201);
      Map<Integer, Integer> leaders = coordinators();
      boolean autoCommit = random.nextBoolean();
      scene =
          new Scene(
              new GroupMember.Joining(topic, group, SESSION, autoCommit),
              history,
              () -> server,
              !autoCommit);
      int members = 3 + random.nextInt(4);
      for (int i = 0; i < members; i++) {
        threads.add(Thread.ofVirtual().start(new ChaosMember(random.split(), scene)));
      }
      for (int kill = 0; kill < KILLS; kill++) {
        produceFor(Duration.ofMillis(1_200 + random.nextInt(1_500)), true);
        long killedAt = System.nanoTime();
        start();
        awaitCoordinators(leaders);
        history.unsettled(new Span(killedAt, System.nanoTime()));
      }
      produceFor(Duration.ofMillis(1_500), false);
      stopMembers();
      drain();
      check(members, autoCommit);
    }

    /** At its end the writers have been answered, or the server is gone. */
    private void produceFor(Duration time, boolean kill) throws InterruptedException {
      Writers writers = Writers.start(server.api(), topic, produced, counter, PACE);
      LockSupport.parkNanos(time.toNanos());
      if (kill) {
        process.kill();
      }
      writers.stop();
    }

    /** One more member reads what the others have left, once their sessions are over. */
    private void drain() throws IOException, InterruptedException {
      GroupMember last = GroupMember.join(server.api(), scene.joining(), history);
      Map<Integer, Long> ends = endOffsets();
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(
              () -> {
                Api.Reply reply = last.poll(server.api(), "max_events=5000&wait_ms=100");
                if (reply.status() == 200 && last.commitCursor(server.api()).status() == 200) {
                  return GroupMember.look(server.api(), group, topic, history).equals(ends);
                }
                return false;
              });
    }

    private void check(int members, boolean autoCommit) {
      assertThat(history.contradictions(produced)).as("anomalies, seed %d", seed).isEmpty();
      assertThat(scene.unexpected()).as("answers, seed %d", seed).isEmpty();
      assertThat(produced.ackedCount()).isPositive();
      System.out.printf(
          "seed %d: %s, %d members, auto_commit %b: %d acked, %d delivered, commits %d acked, %d"
              + " refused, %d unknown%n",
          seed,
          group,
          members,
          autoCommit,
          produced.ackedCount(),
          history.deliveredCount(),
          history.commitCount(Outcome.ACKED),
          history.commitCount(Outcome.FAILED),
          history.commitCount(Outcome.UNKNOWN));
    }

    private Map<Integer, Long> endOffsets() throws IOException, InterruptedException {
      return GroupMember.offsets(topic(topic).required("partitions"), "end_offset");
    }
  }

  /** After a restart leadership goes home; until then coordinators move. */
  private void awaitCoordinators(Map<Integer, Integer> leaders) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> coordinators().equals(leaders));
  }

  /** Per partition of the offsets' topic the broker that leads it. */
  private Map<Integer, Integer> coordinators() throws IOException, InterruptedException {
    Map<Integer, Integer> leaders = new TreeMap<>();
    for (JsonNode partition : topic("__consumer_offsets").required("partitions")) {
      leaders.put(partition.required("partition").asInt(), partition.path("leader").asInt(-1));
    }
    return leaders;
  }

  private JsonNode topic(String name) throws IOException, InterruptedException {
    return server.api().get("/topic/" + name).expect(200);
  }
}
