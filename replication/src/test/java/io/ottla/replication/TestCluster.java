package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk;
import io.ottla.disk.SystemDisk;
import io.ottla.replication.ReplicationGroup.Leadership;
import io.ottla.replication.ReplicationGroup.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** Three (or fewer) brokers in one directory, each with a {@link RegisterState} per group. */
final class TestCluster implements AutoCloseable {
  final ClusterNetwork network;
  final Map<Integer, RaftBroker> brokers = new ConcurrentSkipListMap<>();
  final List<String> failures = new CopyOnWriteArrayList<>();
  volatile Runnable beforeNewState = () -> {};
  private final AtomicInteger statesMade = new AtomicInteger();
  private final Map<String, RegisterState> states = new ConcurrentHashMap<>();
  private final Path directory;
  private final ReplicationSettings settings;
  volatile Disk disk = new SystemDisk();
  private final int brokerCount;

  TestCluster(Path directory, int brokerCount, int dataGroups, ReplicationSettings settings) {
    this.directory = directory;
    this.brokerCount = brokerCount;
    this.settings = settings;
    List<Integer> all = new ArrayList<>();
    for (int id = 1; id <= brokerCount; id++) {
      all.add(id);
    }
    List<GroupSpec> specs = new ArrayList<>();
    for (int group = 1; group <= dataGroups; group++) {
      specs.add(new GroupSpec(group, UUID.randomUUID(), all, (group - 1) % brokerCount + 1));
    }
    network = new ClusterNetwork(UUID.randomUUID(), specs);
  }

  /** As for tests, but a checkpoint is taken when it is asked for. */
  static ReplicationSettings rareCheckpoints() {
    ReplicationSettings tests = ReplicationSettings.forTests();
    return new ReplicationSettings(
        tests.electionTimeoutMin(),
        tests.electionTimeoutMax(),
        tests.firstElectionTimeoutMin(),
        tests.firstElectionTimeoutMax(),
        tests.journalSegmentBytes(),
        tests.journalPreallocateBytes(),
        1024 * 1024 * 1024,
        Duration.ofHours(1),
        tests.purgeGapEntries(),
        tests.keepForLaggingBytes(),
        tests.keepForLaggingEntries(),
        tests.stalledAfter(),
        tests.balanceEvery());
  }

  /** As for tests, but who hears from no leader waits for so long before it stands. */
  static ReplicationSettings patient(Duration electionTimeout) {
    ReplicationSettings tests = ReplicationSettings.forTests();
    return withTimes(electionTimeout, electionTimeout.multipliedBy(2), tests.stalledAfter());
  }

  /** As for tests, but so long may something stand still. */
  static ReplicationSettings stalledAfter(Duration stalledAfter) {
    ReplicationSettings tests = ReplicationSettings.forTests();
    return withTimes(tests.electionTimeoutMin(), tests.electionTimeoutMax(), stalledAfter);
  }

  private static ReplicationSettings withTimes(
      Duration electionTimeoutMin, Duration electionTimeoutMax, Duration stalledAfter) {
    ReplicationSettings tests = ReplicationSettings.forTests();
    return new ReplicationSettings(
        electionTimeoutMin,
        electionTimeoutMax,
        tests.firstElectionTimeoutMin(),
        tests.firstElectionTimeoutMax(),
        tests.journalSegmentBytes(),
        tests.journalPreallocateBytes(),
        tests.checkpointEveryBytes(),
        tests.checkpointEvery(),
        tests.purgeGapEntries(),
        tests.keepForLaggingBytes(),
        tests.keepForLaggingEntries(),
        stalledAfter,
        tests.balanceEvery());
  }

  TestCluster startAll() throws IOException {
    for (int id = 1; id <= brokerCount; id++) {
      start(id, false);
    }
    return this;
  }

  /** Starts known brokers side by side, as a cluster does; in this order, as far as that goes. */
  void startTogether(List<Integer> ids) throws Exception {
    network.expectStarts(ids);
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> starts = new ArrayList<>();
      for (int id : ids) {
        starts.add(
            each.submit(
                () -> {
                  try {
                    return start(id, true);
                  } finally {
                    network.startEnded(id);
                  }
                }));
      }
      for (Future<?> start : starts) {
        start.get();
      }
    }
  }

  RaftBroker start(int id, boolean known) throws IOException {
    RaftBroker broker =
        RaftBroker.start(
            new RaftBroker.Config(
                id, brokerDirectory(id), network, disk, InstantSource.system(), settings, known),
            group -> newState(id, group),
            (failed, reason, cause) -> failures.add(failed + ": " + reason + ": " + cause));
    brokers.put(id, broker);
    return broker;
  }

  private RegisterState newState(int id, int group) {
    beforeNewState.run();
    statesMade.incrementAndGet();
    RegisterState state = new RegisterState(disk, brokerDirectory(id), group);
    states.put(id + "/" + group, state);
    return state;
  }

  Path brokerDirectory(int id) {
    return directory.resolve("broker-" + id);
  }

  RegisterState state(int id, int group) {
    return states.get(id + "/" + group);
  }

  /** One for each start of a replica, and one for each rebuild. */
  int statesMade() {
    return statesMade.get();
  }

  void crash(int id) {
    brokers.remove(id).crash();
  }

  /** The power goes. */
  void crashAll() {
    List<RaftBroker> all = List.copyOf(brokers.values());
    brokers.clear();
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      all.forEach(broker -> each.execute(broker::crash));
    }
  }

  void stop(int id) {
    brokers.remove(id).stop();
  }

  Leadership awaitLeader(int group) {
    return Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .atMost(Duration.ofSeconds(10))
        .until(() -> network.group(group).leadership(), Optional::isPresent)
        .orElseThrow();
  }

  /**
   * Waits until the preferred broker leads: from then on nothing moves the leadership. And until
   * each replica has entries: a candidate takes no vote from one without.
   */
  Leadership awaitPreferredLeader(int group) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .until(
            () ->
                brokers.values().stream()
                    .allMatch(broker -> broker.status(group).commitIndex() >= 0));
    int preferred = network.spec(group).preferredBrokerId();
    return Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> network.group(group).leadership(),
            now -> now.filter(leader -> leader.brokerId() == preferred).isPresent())
        .orElseThrow();
  }

  /** Tries once, under whoever leads. */
  Outcome submit(int group, String payload) throws Exception {
    return submit(group, awaitLeader(group).term(), payload);
  }

  private Outcome submit(int group, long term, String payload) throws Exception {
    return network
        .group(group)
        .submit(term, ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)))
        .get(20, TimeUnit.SECONDS);
  }

  /**
   * Tries until it is certainly applied, once. After an unknown outcome the next ready leader
   * tells: it has applied all that older terms left, and what it has not will never be.
   */
  void submitUntilApplied(int group, String payload) throws Exception {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < giveUp) {
      long term = awaitLeader(group).term();
      switch (submit(group, term, payload)) {
        case Outcome.Applied applied -> {
          return;
        }
        case Outcome.NotAppended refused -> awaitLeader(group);
        case Outcome.Unknown unknown -> {
          Leadership next = awaitLeader(group, term);
          if (state(next.brokerId(), group).payloads().contains(payload)) {
            return;
          }
        }
      }
    }
    throw new AssertionError("not applied in time: " + payload);
  }

  /** Waits for a ready leader of a later term. */
  private Leadership awaitLeader(int group, long afterTerm) {
    ReplicationGroup led = network.group(group);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(20))
        .until(() -> led.leadership().filter(leader -> leader.term() > afterTerm).isPresent());
    return led.leadership().orElseThrow();
  }

  /** Waits until every running replica has applied as much as the leader. */
  void awaitEqual(int group) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () -> {
              List<Long> sums = new ArrayList<>();
              for (int id : brokers.keySet()) {
                sums.add(
                    brokers.get(id).status(group).running() ? state(id, group).checksum() : -1);
              }
              assertThat(sums).as("failures %s", failures).doesNotContain(-1L);
              assertThat(Set.copyOf(sums)).hasSize(1);
            });
  }

  @Override
  public void close() {
    crashAll();
  }
}
