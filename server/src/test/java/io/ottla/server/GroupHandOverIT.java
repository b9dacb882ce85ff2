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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Three members share six partitions; one falls silent and comes back. */
@Isolated("it measures how long something takes")
class GroupHandOverIT {
  private static final String TOPIC = "orders";
  private static final String GROUP = "g1";
  private static final Duration SESSION = Duration.ofSeconds(2);

  /** The contract's: so long after its session's end the others have what a member owned. */
  private static final Duration HAND_OVER_WITHIN = Duration.ofSeconds(2);

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String LIMITS = "max_events=20&wait_ms=100";

  private final GroupHistory history = new GroupHistory(SESSION.toNanos());
  private final History produced = new History();
  private final AtomicLong counter = new AtomicLong();
  private ServerProcess server;
  private Api api;

  @TempDir private Path directory;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    server = new TestServer(directory).start();
    api = new Api(server.url(), Duration.ofSeconds(20));
    api.post("/cluster", Api.object().put("name", "c1")).expect(201);
    api.post("/topic", Api.object().put("name", TOPIC).put("partitions", 6)).expect(201);
    produce(600);
  }

  @AfterEach
  void end() throws InterruptedException {
    if (api != null) {
      api.close();
    }
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void aSilentMembersPartitionsGoToTheOthersAndComeBack() throws IOException, InterruptedException {
    List<GroupMember> members = List.of(join(), join(), join());
    awaitBalance(members, List.of(2, 2, 2));
    for (GroupMember member : members) {
      assertThat(member.poll(api, LIMITS).status()).isEqualTo(200);
      assertThat(member.commitCursor(api).status()).isEqualTo(200);
    }
    GroupMember silent = members.get(2);
    Set<Integer> moving = new TreeSet<>(silent.owned().assigned());
    assertThat(silent.poll(api, LIMITS).status()).isEqualTo(200);
    long silentSinceNanos = System.nanoTime();
    Map<Integer, Long> uncommitted = new TreeMap<>(silent.given());
    Map<Integer, Long> committed = GroupMember.look(api, GROUP, TOPIC, history);
    assertThat(uncommitted).isNotEqualTo(committed);

    List<GroupMember> others = members.subList(0, 2);
    awaitBalance(others, List.of(3, 3));
    Duration took = Duration.ofNanos(System.nanoTime() - silentSinceNanos);

    assertThat(took).isLessThanOrEqualTo(SESSION.plus(HAND_OVER_WITHIN));
    assertLateCommitsAreRefused(silent, uncommitted, moving);
    produce(600);
    pollUntilEverythingIsGiven(others);

    List<GroupMember> again = new ArrayList<>(members);
    awaitBalance(again, List.of(2, 2, 2));
    for (GroupMember member : again) {
      assertThat(member.commitCursor(api).status()).isEqualTo(200);
    }
    GroupMember.look(api, GROUP, TOPIC, history);
    assertThat(history.contradictions(produced)).isEmpty();
    System.out.printf("hand-over took %s with sessions of %s%n", took, SESSION);
  }

  /** By every way to commit: refused, and the commits are as before. */
  private void assertLateCommitsAreRefused(
      GroupMember silent, Map<Integer, Long> offsets, Set<Integer> moved)
      throws IOException, InterruptedException {
    Map<Integer, Long> before = GroupMember.look(api, GROUP, TOPIC, history);
    Map<Integer, Long> ofMoved = new TreeMap<>(offsets);
    ofMoved.keySet().retainAll(moved);

    assertRefused(silent.commitOffsets(api, ofMoved));
    assertRefused(silent.commitCursor(api));
    assertRefused(silent.commitPosition(api));

    assertThat(GroupMember.look(api, GROUP, TOPIC, history)).isEqualTo(before);
  }

  private static void assertRefused(Api.Reply reply) {
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(409);
    assertThat(reply.body().required("code").asString()).isEqualTo("not_assigned");
  }

  /** They poll until their shares have these sizes, and nothing is to move any more. */
  private void awaitBalance(List<GroupMember> members, List<Integer> sizes) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              for (GroupMember member : members) {
                assertThat(member.poll(api, "max_events=1").status()).isEqualTo(200);
              }
              return isBalanced(members, sizes);
            });
  }

  private static boolean isBalanced(List<GroupMember> members, List<Integer> sizes) {
    Set<Integer> all = new TreeSet<>();
    members.forEach(member -> all.addAll(member.owned().assigned()));
    return all.size() == 6
        && members.stream().allMatch(member -> member.owned().revoking().isEmpty())
        && members.stream().map(member -> member.owned().assigned().size()).toList().equals(sizes);
  }

  private void pollUntilEverythingIsGiven(List<GroupMember> members) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              int before = history.deliveredCount();
              for (GroupMember member : members) {
                assertThat(member.poll(api, "max_events=1000").status()).isEqualTo(200);
                assertThat(member.commitPosition(api).status()).isEqualTo(200);
              }
              return history.deliveredCount() == before;
            });
  }

  private GroupMember join() throws IOException, InterruptedException {
    return GroupMember.join(api, new GroupMember.Joining(TOPIC, GROUP, SESSION, false), history);
  }

  /** Values without keys: the partitions take turns. */
  private void produce(int events) throws IOException, InterruptedException {
    Writers.produce(api, TOPIC, produced, counter, events);
  }
}
