package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.produce.Accumulator;
import io.ottla.broker.produce.AccumulatorLimits;
import io.ottla.broker.store.PartitionDirectories;
import io.ottla.broker.store.PartitionListener;
import io.ottla.broker.store.PartitionStore;
import io.ottla.disk.Disk;
import io.ottla.log.OpenFiles;
import io.ottla.metadata.BrokerIdentity;
import io.ottla.metadata.ClusterIdentity;
import io.ottla.metadata.ClusterMetadata;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.replication.ClusterNetwork;
import io.ottla.replication.GroupSpec;
import io.ottla.replication.RaftBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cluster of this process: its brokers and groups, and the threads that keep them as the
 * metadata wants them. Thread-safe.
 *
 * <h2>Threads</h2>
 *
 * Brokers are started, stopped and crashed on one life-cycle thread, one after the other. The
 * reconciler, the retention sweep, the producers' expiry, the compactor and the catalog writer have
 * a thread each.
 */
final class Cluster implements ServingCluster {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final long SPREAD_POLL_MILLIS = 10;
  private static final Duration PRODUCER_EXPIRY_PAUSE = Duration.ofMinutes(10);

  private final ClusterIdentity identity;
  private final BrokerSettings settings;
  private final Ground ground;
  private final List<Broker> brokers;
  private final List<ClusterDataGroup> dataGroups;
  private final MetadataGroup metadata;
  private final ClusterNetwork network;
  private final PartitionWaiters waiters = new PartitionWaiters();
  private final Reconciler reconciler;
  private final RecurringTask retention;
  private final ProducerExpiry producerExpiry;
  private final RecurringTask expiry;
  private final Compactor compactor;
  private final CatalogWriter catalogWriter;
  private final ExecutorService lifeCycle;

  /** What a cluster is built on. */
  record Ground(Disk disk, InstantSource clock, BrokerSettings settings, String host, int port) {}

  /** A cluster whose brokers are not started yet; {@code directoryOf} says where each lives. */
  Cluster(ClusterIdentity identity, Ground ground, IntFunction<Path> directoryOf) {
    this.identity = identity;
    this.settings = ground.settings();
    this.ground = ground;
    List<GroupSpec> groups = ClusterLayout.groups(identity);
    this.network = new ClusterNetwork(identity.clusterId(), groups);
    this.lifeCycle =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("life-cycle-" + identity.name()).daemon().factory());
    this.reconciler = new Reconciler(this);
    this.retention =
        new RecurringTask(
            "retention-" + identity.name(),
            settings.retentionInterval(),
            new RetentionSweeper(this, ground.clock())::sweep);
    this.producerExpiry = new ProducerExpiry(this, ground.clock());
    this.expiry =
        new RecurringTask(
            "producer-expiry-" + identity.name(), PRODUCER_EXPIRY_PAUSE, producerExpiry::sweep);
    this.compactor =
        new Compactor(
            this, ground.clock(), settings.compactionInterval(), settings.tombstoneRetention());
    this.metadata = new MetadataGroup(network.group(0), ClusterView.empty(), view -> changed());
    Surroundings surroundings = new Surroundings();
    this.brokers = new ArrayList<>();
    for (BrokerIdentity broker : identity.brokers()) {
      brokers.add(
          new Broker(
              broker,
              directoryOf.apply(broker.id()),
              surroundings,
              settings.maxOpenFilesPerBroker()));
    }
    this.catalogWriter = new CatalogWriter(this, settings.catalogInterval());
    this.dataGroups = new ArrayList<>();
    for (GroupSpec group : groups.subList(1, groups.size())) {
      var replication = network.group(group.number());
      List<Broker> replicas =
          group.memberBrokerIds().stream().map(id -> brokers.get(id - 1)).toList();
      dataGroups.add(
          new ClusterDataGroup(
              group.number(),
              replication,
              Accumulator.start(replication, AccumulatorLimits.production()),
              replicas));
      replication.onLeadershipChange(this::changed);
    }
    network.group(0).onLeadershipChange(this::changed);
  }

  /**
   * Starts all brokers side by side and the cluster's own threads. Brokers that cannot start are
   * failed; the others go on.
   */
  void start(IntFunction<Boolean> known) {
    List<Thread> starting = new ArrayList<>();
    for (Broker broker : brokers) {
      starting.add(
          Thread.ofPlatform()
              .name("start-broker-" + broker.id())
              .start(() -> startOne(broker, known.apply(broker.id()))));
    }
    for (Thread thread : starting) {
      joinQuietly(thread);
    }
    reconciler.start();
    retention.start(Thread.ofVirtual());
    expiry.start(Thread.ofVirtual());
    compactor.start();
    catalogWriter.start();
  }

  private static void startOne(Broker broker, boolean known) {
    try {
      broker.start(known);
    } catch (IOException | RuntimeException e) {
      LOG.error("broker cannot start: broker={} directory={}", broker.id(), broker.directory(), e);
    }
  }

  private static void joinQuietly(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void changed() {
    reconciler.nudge();
    catalogWriter.nudge();
    waiters.wakeAll();
  }

  ClusterIdentity identity() {
    return identity;
  }

  List<Broker> brokers() {
    return brokers;
  }

  Reconciler reconciler() {
    return reconciler;
  }

  Compactor compactor() {
    return compactor;
  }

  ProducerExpiry producerExpiry() {
    return producerExpiry;
  }

  /** The address that its brokers are reached at today. */
  String host() {
    return ground.host();
  }

  int port() {
    return ground.port();
  }

  /** Runs a step of the life cycle after those before it, and waits for it. */
  void inLifeCycle(Runnable step) {
    CompletableFuture.runAsync(step, lifeCycle).join();
  }

  @Override
  public UUID id() {
    return identity.clusterId();
  }

  @Override
  public String name() {
    return identity.name();
  }

  @Override
  public ClusterView view() {
    return metadata.view();
  }

  @Override
  public boolean viewIsCurrent() {
    return metadata.isCurrent();
  }

  @Override
  public List<ClusterDataGroup> dataGroups() {
    return dataGroups;
  }

  @Override
  public ClusterDataGroup dataGroup(int number) {
    return dataGroups.get(number - 1);
  }

  @Override
  public PartitionWaiters waiters() {
    return waiters;
  }

  @Override
  public Answer<MetadataResult> submit(MetadataCommand command, Duration timeout) {
    return metadata.submit(command, timeout);
  }

  /** Why the cluster is not ready: a group without a leader; empty when it is. */
  List<String> reasonsNotReady() {
    List<String> reasons = new ArrayList<>();
    if (metadata.leadership().isEmpty()) {
      reasons.add("cluster " + name() + ": the metadata group has no leader");
    }
    for (ClusterDataGroup group : dataGroups) {
      if (group.replication().leadership().isEmpty()) {
        reasons.add("cluster " + name() + ": data group " + group.number() + " has no leader");
      }
    }
    return reasons;
  }

  /**
   * Waits until each group is led by the broker that it prefers, at most {@code limit}. A cluster
   * works before that; but its first users need not meet the leaders on the move.
   */
  void awaitSpreadLeaders(Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (!leadersAreSpread() && System.nanoTime() < deadlineNanos) {
      TimeUnit.MILLISECONDS.sleep(SPREAD_POLL_MILLIS);
    }
  }

  private boolean leadersAreSpread() {
    for (GroupSpec group : network.groups()) {
      boolean preferred =
          network
              .group(group.number())
              .leadership()
              .filter(leader -> leader.brokerId() == group.preferredBrokerId())
              .isPresent();
      if (!preferred) {
        return false;
      }
    }
    return true;
  }

  /** Ends the cluster: all brokers write a last checkpoint and close, side by side. */
  void close() {
    catalogWriter.close();
    retention.close();
    expiry.close();
    compactor.close();
    reconciler.close();
    dataGroups.forEach(group -> group.accumulator().close());
    List<Thread> stopping = new ArrayList<>();
    for (Broker broker : brokers) {
      stopping.add(Thread.ofPlatform().name("stop-broker-" + broker.id()).start(broker::close));
    }
    stopping.forEach(Cluster::joinQuietly);
    lifeCycle.shutdown();
  }

  private final class Surroundings implements Broker.Surroundings {
    @Override
    public Disk disk() {
      return ground.disk();
    }

    @Override
    public RaftBroker.Config raftConfig(int brokerId, Path directory, boolean known) {
      return new RaftBroker.Config(
          brokerId,
          directory,
          network,
          ground.disk(),
          ground.clock(),
          settings.replication(),
          known);
    }

    @Override
    public ClusterMetadata newMetadata() {
      return new ClusterMetadata(metadata::publish);
    }

    @Override
    public PartitionStore newStore(int group, PartitionDirectories directories, OpenFiles files) {
      return new PartitionStore(group, ground.disk(), directories, files, new StoreListener());
    }

    @Override
    public void brokerFailed(int brokerId, String reason) {
      lifeCycle.execute(
          () -> {
            Broker broker = brokers.get(brokerId - 1);
            if (broker.state() == BrokerState.FAILED) {
              broker.closeFailed();
              changed();
            }
          });
    }
  }

  /** Wakes whoever looks at what a replica applied. */
  private final class StoreListener implements PartitionListener {
    @Override
    public void appended(UUID topicId, int partition, long endOffset) {
      waiters.wake(topicId, partition);
      if (topicId.equals(identity.offsetsTopicId())) {
        catalogWriter.nudge();
      }
    }

    @Override
    public void dropped(UUID topicId, int partition) {
      waiters.wake(topicId, partition);
    }
  }

  /** The broker of that id. */
  Optional<Broker> broker(int id) {
    return id >= 1 && id <= brokers.size() ? Optional.of(brokers.get(id - 1)) : Optional.empty();
  }
}
