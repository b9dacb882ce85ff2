package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.DataGroup;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.CoordinatorRunner.Granted;
import io.ottla.broker.loop.Loop;
import io.ottla.broker.produce.Partitioner;
import io.ottla.broker.time.GuardedClock;
import io.ottla.groups.GroupReply.Forgotten;
import io.ottla.groups.GroupReply.MemberName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinators of this process's consumer groups, one per data group, and the timer that lets
 * their sessions end. Thread-safe.
 */
public final class GroupCoordinators implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCoordinators.class);
  private static final Duration TICK = Duration.ofMillis(250);
  private static final int TICKS_PER_LOOK_FOR_STRAYS = 2_400;

  private final TopicDirectory directory;
  private final Function<ServingCluster, GuardedClock> clocks;
  private final Map<Place, CoordinatorRunner> runners = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private long ticks; // the loop's

  private record Place(UUID clusterId, int dataGroup) {}

  private GroupCoordinators(
      TopicDirectory directory, Function<ServingCluster, GuardedClock> clocks) {
    this.directory = directory;
    this.clocks = clocks;
  }

  /**
   * Coordinators whose timer runs until they are closed. Sessions go by each cluster's own clock,
   * whatever becomes of the wall clock; so does the forgetting of those who have been silent for
   * long, as what is in the log was noted with it.
   */
  public static GroupCoordinators start(TopicDirectory directory) {
    return start(directory, ServingCluster::clock);
  }

  /** The same by other clocks than the clusters'. */
  static GroupCoordinators start(
      TopicDirectory directory, Function<ServingCluster, GuardedClock> clocks) {
    GroupCoordinators coordinators = new GroupCoordinators(directory, clocks);
    Loop.on(Thread.ofVirtual(), "group-sessions", coordinators::turn).start();
    return coordinators;
  }

  /** The data group, and with it the partition of {@code __consumer_offsets}, of a group. */
  public static int dataGroupOf(String group, int dataGroups) {
    ByteBuffer name = ByteBuffer.wrap(group.getBytes(StandardCharsets.UTF_8));
    return 1 + Partitioner.ofKey(name, dataGroups);
  }

  CoordinatorRunner of(ServingCluster cluster, String group) {
    return of(cluster, cluster.dataGroup(dataGroupOf(group, cluster.dataGroups().size())));
  }

  CoordinatorRunner of(ServingCluster cluster, DataGroup dataGroup) {
    return runners.computeIfAbsent(
        new Place(cluster.id(), dataGroup.number()),
        _ -> new CoordinatorRunner(cluster, dataGroup, clocks.apply(cluster)));
  }

  private boolean turn() throws InterruptedException {
    if (closed.await(TICK.toNanos(), TimeUnit.NANOSECONDS)) {
      return false;
    }
    tick();
    ticks++;
    if (ticks % TICKS_PER_LOOK_FOR_STRAYS == 0) {
      Thread.ofVirtual().name("stray-consumers").start(this::forgetStrays);
    }
    return true;
  }

  /** Lets time pass in every coordinator that leads. */
  void tick() {
    Set<UUID> serving = new HashSet<>();
    for (ServingCluster cluster : directory.clusters()) {
      serving.add(cluster.id());
      for (DataGroup dataGroup : cluster.dataGroups()) {
        if (dataGroup.replication().leadership().isPresent()) {
          CoordinatorRunner runner = of(cluster, dataGroup);
          Thread.ofVirtual().start(() -> tick(cluster, runner));
        }
      }
    }
    runners
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !serving.contains(entry.getKey().clusterId());
              if (gone) {
                entry.getValue().close();
              }
              return gone;
            });
  }

  /** Looks for consumers that are in no group. */
  void forgetStrays() {
    for (ServingCluster cluster : directory.clusters()) {
      StrayConsumers.forget(cluster, clocks.apply(cluster)::ageMs);
    }
  }

  private void tick(ServingCluster cluster, CoordinatorRunner runner) {
    try {
      Answer<Granted<Forgotten>> answer =
          runner.decideNow(
              scene ->
                  scene
                      .coordinator()
                      .tick(
                          scene.topics(),
                          scene.nowMs(),
                          cluster.hasManyConsumers(),
                          scene.ageMs()));
      if (answer instanceof Answer.Ok<Granted<Forgotten>>(Granted<Forgotten> granted)) {
        granted.value().members().forEach(member -> forget(cluster, member));
      }
    } catch (RuntimeException | Error e) {
      LOG.error("consumer sessions were not looked at: cluster={}", cluster.name(), e);
    }
  }

  /** The member is none any more: its consumer goes too. */
  static void forget(ServingCluster cluster, MemberName member) {
    LOG.info("consumer forgotten: group={} consumer={}", member.group(), member.memberId());
    ConsumerRegistration.forget(cluster, Long.parseLong(member.memberId()));
  }

  @Override
  public void close() {
    closed.countDown();
    runners.values().forEach(CoordinatorRunner::close);
  }
}
