package io.ottla.broker;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.ControlBroker.StopMode;
import io.ottla.broker.identity.ClusterFiles;
import io.ottla.broker.identity.ClusterFiles.Found;
import io.ottla.disk.Disk;
import io.ottla.disk.SystemDisk;
import io.ottla.replication.ReplicationGroup.Leadership;
import io.ottla.replication.ReplicationSettings;
import io.ottla.replication.journal.AckNotes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What is left of a group that nothing else can save becomes all of it. */
@Execution(ExecutionMode.CONCURRENT)
class GroupRecoveryTest {
  private static final Instant NOW = Instant.parse("2026-11-27T10:00:00Z");
  private static final int GROUP = 1;

  /** With that much, what is damaged in the test has events. */
  private static final int LEAST_JOURNAL_BYTES = 3_000;

  @TempDir Path temp;

  private final AckedEvents events = new AckedEvents("c1");
  private final Disk disk = new SystemDisk();

  /** Checkpoints at a clean stop only. */
  private static Deployment.Config config(Path data) {
    ReplicationSettings usual = ReplicationSettings.forTests();
    Deployment.Config tests = TestDeployment.config(data);
    return new Deployment.Config(
        tests.dataDirectories(),
        tests.host(),
        tests.port(),
        tests.disk(),
        tests.clock(),
        new BrokerSettings(
            new ReplicationSettings(
                usual.electionTimeoutMin(),
                usual.electionTimeoutMax(),
                usual.firstElectionTimeoutMin(),
                usual.firstElectionTimeoutMax(),
                1024 * 1024,
                4 * 1024,
                1L << 30,
                Duration.ofHours(1),
                1,
                1L << 30,
                10_000,
                usual.stalledAfter(),
                usual.balanceEvery()),
            100,
            50,
            Duration.ofMillis(50),
            Duration.ofMillis(50)));
  }

  /** A cluster with events below and above its checkpoints, killed. */
  private Path makeCluster(int brokers) throws IOException {
    Path data = Files.createDirectory(temp.resolve("data"));
    try (var deployment = TestDeployment.open(config(data))) {
      deployment.createCluster("c1", brokers);
      deployment.createTopic("t", 3);
      events.publish(deployment, 20);
    }
    try (var deployment = TestDeployment.open(config(data))) {
      deployment.awaitReady();
      // A new term begins a new journal file: none may begin between the events and their damage.
      await().until(() -> leader(deployment).equals(Optional.of(1)));
      do {
        events.publish(deployment, 40);
      } while (usedBytes(Files.readAllBytes(newestJournalFile(data))) < LEAST_JOURNAL_BYTES);
      for (int broker = 1; broker <= brokers; broker++) {
        AckedEvents.awaitWhole(deployment, "c1", broker);
      }
      var control = new ControlBroker(deployment.deployment());
      for (int broker = 1; broker <= brokers; broker++) {
        value(control.stop("c1", broker, StopMode.CRASH));
      }
    }
    return data;
  }

  private static Optional<Integer> leader(TestDeployment deployment) {
    return deployment
        .deployment()
        .all()
        .getFirst()
        .dataGroup(GROUP)
        .replication()
        .leadership()
        .map(Leadership::brokerId);
  }

  private static Path broker(Path data, int id) {
    return data.resolve("c1/broker-" + id);
  }

  private Path raftGroup(Path data, int broker) throws IOException {
    return raftGroup(data, broker, GROUP);
  }

  private Path raftGroup(Path data, int broker, int group) throws IOException {
    if (!(new ClusterFiles(disk, List.of(data)).read("c1") instanceof Found.Whole(var file))) {
      throw new AssertionError("no cluster in " + data);
    }
    String id = ClusterLayout.groups(file.identity()).get(group).id().toString();
    return broker(data, broker).resolve("raft").resolve(id);
  }

  private void lose(Path data, int broker, int group) throws IOException {
    disk.deleteTree(raftGroup(data, broker, group));
    disk.deleteTree(broker(data, broker).resolve("checkpoints/" + group));
  }

  /** Two have lost the group, and the third has the end of its journal. */
  private void damageAllThree(Path data) throws IOException {
    for (int broker = 2; broker <= 3; broker++) {
      lose(data, broker, GROUP);
    }
    Path journal = newestJournalFile(data);
    byte[] bytes = Files.readAllBytes(journal);
    int end = usedBytes(bytes);
    Arrays.fill(bytes, end - 600, end, (byte) 0);
    Files.write(journal, bytes);
  }

  private static int usedBytes(byte[] bytes) {
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  private Path newestJournalFile(Path data) throws IOException {
    return disk.list(raftGroup(data, 1).resolve("current")).stream()
        .filter(path -> path.getFileName().toString().startsWith("log_inprogress"))
        .findFirst()
        .orElseThrow();
  }

  private static void assertNotServed(Path data, String reason) throws IOException {
    try (var deployment = TestDeployment.open(config(data))) {
      var readiness = new Readiness(deployment.deployment());
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(10))
          .until(() -> readiness.reasonsNotReady().stream().anyMatch(r -> r.contains(reason)));
    }
  }

  private static Answer<List<String>> recover(
      Disk disk, Path data, int group, int from, boolean execute) throws IOException {
    try (var recover = RecoverDeployment.open(List.of(data), disk, InstantSource.fixed(NOW))) {
      return recover.recoverGroup("c1", group, from, execute);
    }
  }

  private static Answer<List<String>> recoverAll(Disk disk, Path data, int from, boolean execute)
      throws IOException {
    try (var recover = RecoverDeployment.open(List.of(data), disk, InstantSource.fixed(NOW))) {
      return recover.recoverAllGroups("c1", from, execute);
    }
  }

  /** Each file's bytes by its path. */
  private static Map<String, String> tree(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.toList()) {
        boolean isFile = Files.isRegularFile(path);
        files.put(
            root.relativize(path).toString(),
            isFile ? Arrays.hashCode(Files.readAllBytes(path)) + "/" + Files.size(path) : "");
      }
    }
    return files;
  }

  /**
   * Each file's bytes by its path, whenever something was set aside. Of the notes it is what they
   * say: each time that they are written, they get a number and a place in their file.
   */
  private Map<String, String> meaning(Path data) throws IOException {
    Path cluster = data.resolve("c1");
    Map<String, String> files = new TreeMap<>();
    tree(cluster)
        .forEach((path, bytes) -> files.put(path.replaceAll("-\\d{8}T\\d{6}Z-", "-then-"), bytes));
    for (int broker = 1; broker <= 3; broker++) {
      List<String> notes = new ArrayList<>();
      for (int group = 0; group <= 3; group++) {
        UUID id = UUID.fromString(raftGroup(data, 1, group).getFileName().toString());
        notes.add(group + ": " + AckNotes.look(disk, broker(data, broker), id));
      }
      files.put("broker-%d/acked".formatted(broker), notes.toString());
    }
    return files;
  }

  private void servesAgain(Path data, int brokers, int mostGivenUp) throws IOException {
    try (var deployment = TestDeployment.open(config(data))) {
      deployment.awaitReady();
      events.giveUpWhatIsGone(deployment, mostGivenUp);
      events.publish(deployment, 15);
      events.awaitAll(deployment);
      for (int broker = 1; broker <= brokers; broker++) {
        AckedEvents.awaitWhole(deployment, "c1", broker);
      }
      ClusterCheck check =
          value(
              new CheckCluster(deployment.deployment())
                  .check(
                      new CheckCluster.Request(
                          "c1", Optional.empty(), Optional.empty(), Duration.ofHours(1))));
      assertThat(check.equal()).as("%s", check).isTrue();
      assertThat(check.partitions()).allMatch(each -> each.brokers().size() == brokers);
    }
    try (var deployment = TestDeployment.open(config(data))) {
      deployment.awaitReady();
      events.awaitAll(deployment);
    }
  }

  private static int givenUp(List<String> lines) {
    String line = lines.stream().filter(l -> l.startsWith("GIVEN UP")).findFirst().orElseThrow();
    return Integer.parseInt(line.replaceFirst(".*, (\\d+) of them.*", "$1"));
  }

  @Test
  void whatTheLastReplicaHoldsBecomesAllThree() throws IOException {
    Path data = makeCluster(3);
    damageAllThree(data);
    assertNotServed(data, "group");

    Map<String, String> before = tree(data);
    List<String> shown = value(recover(disk, data, GROUP, 1, false));
    assertThat(tree(data)).isEqualTo(before);
    int mostGivenUp = givenUp(shown);
    assertThat(mostGivenUp).isPositive();
    assertThat(shown)
        .anyMatch(
            line -> line.contains("At most these partitions lose events") && line.contains("t-"))
        .anyMatch(line -> line.contains("broker 2: ") && line.contains("its journal is missing"));
    assertThat(refusal(recover(disk, data, GROUP, 2, false)).detail())
        .contains("broker 2 holds nothing");

    value(recover(disk, data, GROUP, 1, true));

    assertThat(disk.list(data.resolve("c1")))
        .filteredOn(path -> path.getFileName().toString().startsWith("broker-1.set-aside-0001-"))
        .singleElement()
        .matches(
            path -> path.toString().endsWith("-group-1") && Files.exists(path.resolve("raft")));
    servesAgain(data, 3, mostGivenUp);
  }

  @Test
  void theOnlyReplicaIsCutWhereItIsDamaged() throws IOException {
    Path data = makeCluster(1);
    Path journal = newestJournalFile(data);
    byte[] bytes = Files.readAllBytes(journal);
    bytes[usedBytes(bytes) / 2] ^= 0x10;
    Files.write(journal, bytes);
    assertNotServed(data, "group");

    int mostGivenUp = givenUp(value(recover(disk, data, GROUP, 1, false)));
    value(recover(disk, data, GROUP, 1, true));

    servesAgain(data, 1, mostGivenUp);
  }

  @Test
  void oneDiskOfThreeIsEnoughToGoOnFrom() throws IOException {
    Path data = makeCluster(3);
    disk.deleteTree(broker(data, 2));
    disk.deleteTree(broker(data, 3));

    for (int group = 0; group <= 3; group++) {
      assertThat(value(recover(disk, data, group, 1, true)))
          .contains("Nothing beyond it is known to be acked.");
    }

    servesAgain(data, 3, 0);
  }

  @Test
  void allGroupsThatNeedItAreRecoveredAtOnce() throws IOException {
    Path data = makeCluster(3);
    disk.deleteTree(broker(data, 2));
    disk.deleteTree(broker(data, 3));
    Map<String, String> before = tree(data);

    List<String> shown = value(recoverAll(disk, data, 1, false));
    assertThat(tree(data)).isEqualTo(before);
    for (int group = 0; group <= 3; group++) {
      assertThat(shown).contains("group " + group + " of cluster c1");
    }
    assertThat(shown.getLast()).contains("with --execute");

    value(recoverAll(disk, data, 1, true));

    assertThat(value(recoverAll(disk, data, 1, false)))
        .filteredOn(line -> line.endsWith("the next start finds a leader by itself"))
        .hasSize(4);
    servesAgain(data, 3, 0);
  }

  @Test
  void onlyGroupsThatNeedItAreRecoveredAndTheOthersStayAsTheyAre() throws IOException {
    Path data = makeCluster(3);
    for (int broker = 2; broker <= 3; broker++) {
      lose(data, broker, GROUP);
      lose(data, broker, 3);
    }
    lose(data, 1, 3);
    Map<String, String> untouched = tree(raftGroup(data, 1, 2));

    Refusal refusal = refusal(recoverAll(disk, data, 1, true));

    assertThat(refusal.detail())
        .startsWith("not all groups")
        .contains("group 2 of cluster c1: the next start finds a leader by itself");
    assertThat(refusal.detail().substring(refusal.detail().indexOf("group 3 of cluster c1")))
        .contains("It is left as it is");
    assertThat(tree(raftGroup(data, 1, 2))).isEqualTo(untouched);
    assertThat(list(data.resolve("c1"), "-group-"))
        .isNotEmpty()
        .allMatch(path -> path.toString().endsWith("-group-1"));
  }

  @Test
  void aRecoveryOfAllGroupsThatWasInterruptedIsFinishedByTheNextRun() throws IOException {
    Path data = makeCluster(3);
    for (int broker = 2; broker <= 3; broker++) {
      lose(data, broker, GROUP);
      lose(data, broker, 3);
    }
    Path whole = temp.resolve("whole");
    AckedEvents.copyTree(data, whole);
    var counting = new FailingDisk(Integer.MAX_VALUE);
    value(recoverAll(counting.disk, whole, 1, true));
    int steps = counting.steps.get();

    for (int step : List.of(steps / 8, steps / 2, steps - 5)) {
      Path cut = temp.resolve("cut-" + step);
      AckedEvents.copyTree(data, cut);
      var failing = new FailingDisk(step);
      assertThatThrownBy(() -> recoverAll(failing.disk, cut, 1, true))
          .hasMessageContaining("no power");
      if (Files.exists(cut.resolve("c1/recovery.json"))) {
        assertThat(refusal(recoverAll(disk, cut, 2, true)).detail())
            .contains("was begun and is not finished");
      }

      value(recoverAll(disk, cut, 1, true));

      assertThat(meaning(cut)).as("step %d", step).isEqualTo(meaning(whole));
    }
    servesAgain(whole, 3, 0);
  }

  private List<Path> list(Path directory, String infix) throws IOException {
    return disk.list(directory).stream().filter(path -> path.toString().contains(infix)).toList();
  }

  @Test
  void nothingIsGivenUpWhereTheNextStartCanHelp() throws IOException {
    Path data = makeCluster(3);
    disk.deleteTree(raftGroup(data, 2));

    assertThat(refusal(recover(disk, data, GROUP, 1, true)).detail())
        .contains("nothing has to be given up");

    servesAgain(data, 3, 0);
  }

  @Test
  @Timeout(180)
  void anInterruptedRecoveryIsFinishedByTheNextRun() throws IOException {
    Path data = makeCluster(3);
    damageAllThree(data);
    Path whole = temp.resolve("whole");
    AckedEvents.copyTree(data, whole);
    var counting = new FailingDisk(Integer.MAX_VALUE);
    value(recover(counting.disk, whole, GROUP, 1, true));
    Map<String, String> expected = meaning(whole);
    int begun = 0;

    for (int step : counting.spread()) {
      Path cut = temp.resolve("cut-" + step);
      AckedEvents.copyTree(data, cut);
      var failing = new FailingDisk(step);
      assertThatThrownBy(() -> recover(failing.disk, cut, GROUP, 1, true))
          .hasMessageContaining("no power");
      if (Files.exists(cut.resolve("c1/recovery.json"))) {
        begun++;
        rotOneOfTwo(cut.resolve("c1"), begun);
        assertThat(refusal(recover(disk, cut, GROUP, 2, true)).detail())
            .contains("was begun and is not finished");
        if (begun == 12) {
          assertNotServed(cut, "the recovery of group 1 from broker 1 was begun");
        }
      }
      if (!meaning(cut).equals(expected)) {
        value(recover(disk, cut, GROUP, 1, true));
      }
      assertThat(meaning(cut)).as("step %d", step).isEqualTo(expected);
      disk.deleteTree(cut);
    }

    assertThat(begun).isGreaterThan(12);
    servesAgain(whole, 3, Integer.MAX_VALUE);
  }

  @Test
  void aRecoveryOfWhichNobodyCanTellHowItWasMeantTouchesNothing() throws IOException {
    Path data = makeCluster(3);
    damageAllThree(data);
    var counting = new FailingDisk(Integer.MAX_VALUE);
    Path whole = temp.resolve("whole");
    AckedEvents.copyTree(data, whole);
    value(recover(counting.disk, whole, GROUP, 1, true));
    var failing = new FailingDisk(counting.steps.get() - 14);
    assertThatThrownBy(() -> recover(failing.disk, data, GROUP, 1, true))
        .hasMessageContaining("no power");
    rot(data.resolve("c1/recovery.json"));
    rot(data.resolve("c1/recovery.copy"));
    Map<String, String> before = tree(data);

    assertThatThrownBy(() -> recover(disk, data, GROUP, 1, true))
        .hasMessageContaining("recovery.json: it is damaged")
        .hasMessageContaining("recovery.copy: it is damaged");

    assertThat(tree(data)).isEqualTo(before);
    assertNotServed(data, "recovery.json: it is damaged");
  }

  /** Where there are two files, one of them is damaged, now this and now that one. */
  private static void rotOneOfTwo(Path cluster, int turn) throws IOException {
    Path copy = cluster.resolve("recovery.copy");
    if (Files.exists(copy)) {
      rot(turn % 2 == 0 ? copy : cluster.resolve("recovery.json"));
    }
  }

  private static void rot(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  /** Fails at that step, and at all that follow. */
  private static final class FailingDisk {
    private static final Set<TroubledDisk.Operation> CHANGES =
        Set.of(
            TroubledDisk.Operation.CREATE,
            TroubledDisk.Operation.WRITE,
            TroubledDisk.Operation.FORCE,
            TroubledDisk.Operation.NAME);

    private static final int MOST_AFTER = 16;

    /** Among them are those of the members' notes. */
    private static final int ALL_OF_THE_LAST = 14;

    final TroubledDisk disk = new TroubledDisk();
    final AtomicInteger steps = new AtomicInteger();

    private volatile int begunAt;

    FailingDisk(int failAt) {
      disk.setTrouble(
          (operation, path) -> {
            if (CHANGES.contains(operation) && steps.incrementAndGet() >= failAt) {
              throw new IOException("no power for " + operation + " of " + path);
            }
            if (operation == TroubledDisk.Operation.WRITE && path.endsWith("recovery.json")) {
              begunAt = steps.get();
            }
          });
    }

    /** Some steps before it was begun, a good part of those after that, and all of the last. */
    List<Integer> spread() {
      List<Integer> chosen = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        chosen.add(1 + i * begunAt / 4);
      }
      int after = steps.get() - begunAt;
      for (int i = 1; i <= MOST_AFTER; i++) {
        chosen.add(begunAt + Math.max(i, (int) ((long) i * after / MOST_AFTER)));
      }
      for (int i = 0; i < ALL_OF_THE_LAST; i++) {
        chosen.add(steps.get() - i);
      }
      return chosen.stream().filter(step -> step <= steps.get()).distinct().toList();
    }
  }
}
