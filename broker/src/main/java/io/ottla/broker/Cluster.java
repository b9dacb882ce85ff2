package io.ottla.broker;

import io.ottla.broker.identity.BrokerHomes;
import io.ottla.broker.identity.HomeRefusedException;
import io.ottla.broker.loop.RecurringTask;
import io.ottla.broker.produce.Accumulator;
import io.ottla.broker.produce.AccumulatorLimits;
import io.ottla.broker.store.PartitionDirectories;
import io.ottla.broker.store.PartitionListener;
import io.ottla.broker.store.PartitionStore;
import io.ottla.broker.store.ProducerMemory;
import io.ottla.broker.time.GuardedClock;
import io.ottla.disk.Descriptors;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cluster of this process: its brokers and groups, and the threads that keep them as the
 * metadata wants them. Thread-safe.
 *
 * <h2>Threads</h2>
 *
 * Brokers are started, stopped and crashed on one life-cycle thread, one after the other. The
 * reconciler, the retention sweep, the producers' expiry and shortening, the compactor, the
 * scrubber and the catalog writer have a thread each.
 */
final class Cluster implements ServingCluster {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final long SPREAD_POLL_MILLIS = 10;
  private static final Duration PRODUCER_EXPIRY_PAUSE = Duration.ofMinutes(10);
  private static final Duration PRODUCER_SHORTENING_PAUSE = Duration.ofSeconds(1);

  private final ClusterIdentity identity;
  private final BrokerSettings settings;
  private final Ground ground;
  private final BrokerHomes homes;
  private final List<Broker> brokers;
  private final List<ClusterDataGroup> dataGroups;
  private final MetadataGroup metadata;
  private final ClusterNetwork network;
  private final PartitionWaiters waiters = new PartitionWaiters();
  private final ClusterClock clock;
  private final Reconciler reconciler;
  private final RecurringTask retention;
  private final ProducerExpiry producerExpiry;
  private final RecurringTask expiry;
  private final RecurringTask shortening;
  private final Compactor compactor;
  private final Scrubber scrubber;
  private final CatalogWriter catalogWriter;
  private final ExecutorService lifeCycle;
  private final SpaceWatch space;
  private final BrokerWatch brokerWatch;

  /** What a cluster is built on. */
  record Ground(
      Disk disk,
      ClusterClock clock,
      BrokerSettings settings,
      ClientMemory clientMemory,
      DiskReserve reserve,
      String host,
      int port) {}

  /** A cluster whose brokers are not started yet; {@code homes} says where each lives. */
  Cluster(ClusterIdentity identity, Ground ground, ScrubPace scrubPace, BrokerHomes homes) {
    this.identity = identity;
    this.homes = homes;
    this.settings = ground.settings();
    this.ground = ground;
    this.clock = ground.clock();
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
            new RetentionSweeper(this, clock.clock())::sweep);
    this.producerExpiry = new ProducerExpiry(this, ground.clientMemory(), clock.clock());
    this.expiry =
        new RecurringTask(
            "producer-expiry-" + identity.name(), PRODUCER_EXPIRY_PAUSE, producerExpiry::sweep);
    this.shortening =
        new RecurringTask(
            "producer-shortening-" + identity.name(),
            PRODUCER_SHORTENING_PAUSE,
            new ProducerShortening(this, ground.clientMemory().producerMemory(), clock.clock())
                ::sweep);
    this.compactor =
        new Compactor(
            this, clock.clock(), settings.compactionInterval(), settings.tombstoneRetention());
    this.scrubber = Scrubber.of(this, scrubPace);
    this.metadata = new MetadataGroup(network.group(0), ClusterView.empty(), view -> changed());
    this.brokers = brokers(homes);
    this.space =
        new SpaceWatch(
            ground.disk(), ground.reserve(), brokers.stream().map(Broker::directory).toList());
    this.brokerWatch =
        new BrokerWatch(
            identity.name(),
            ground.disk(),
            space,
            brokers,
            new BrokerRevival(brokers, groups, space, Descriptors::free, System::nanoTime),
            lifeCycle,
            this::changed);
    this.catalogWriter = new CatalogWriter(this, settings.catalogInterval());
    this.dataGroups = dataGroups(groups.subList(1, groups.size()));
    network.group(0).onLeadershipChange(this::changed);
  }

  private List<Broker> brokers(BrokerHomes homes) {
    Surroundings surroundings = new Surroundings();
    List<Broker> made = new ArrayList<>();
    for (BrokerIdentity broker : identity.brokers()) {
      made.add(
          new Broker(
              broker,
              homes.directory(broker.id()),
              surroundings,
              settings.maxOpenFilesPerBroker()));
    }
    return List.copyOf(made);
  }

  private List<ClusterDataGroup> dataGroups(List<GroupSpec> groups) {
    List<ClusterDataGroup> made = new ArrayList<>();
    for (GroupSpec group : groups) {
      var replication = network.group(group.number());
      List<Broker> replicas =
          group.memberBrokerIds().stream().map(id -> brokers.get(id - 1)).toList();
      made.add(
          new ClusterDataGroup(
              group.number(),
              replication,
              Accumulator.start(replication, AccumulatorLimits.production()),
              replicas,
              space));
      replication.onLeadershipChange(this::changed);
    }
    return List.copyOf(made);
  }

  /**
   * Starts all brokers side by side and the cluster's own threads. Brokers that cannot start are
   * failed or wait; the others go on.
   */
  void start() {
    clock.start();
    space.look();
    network.expectStarts(brokers.stream().map(Broker::id).toList());
    inLifeCycle(() -> sideBySide("start-broker-", this::startOne));
    reconciler.start();
    retention.start(Thread.ofVirtual());
    expiry.start(Thread.ofVirtual());
    shortening.start(Thread.ofVirtual());
    ground.clientMemory().add(this);
    compactor.start();
    scrubber.start();
    catalogWriter.start();
    brokerWatch.start();
  }

  private void startOne(Broker broker) {
    try {
      broker.start();
    } catch (HomeRefusedException e) {
      LOG.error("broker is not started: broker={} reason={}", broker.id(), e.getMessage());
    } catch (IOException | RuntimeException | Error e) {
      LOG.error("broker cannot start: broker={} directory={}", broker.id(), broker.directory(), e);
    } finally {
      network.startEnded(broker.id());
    }
  }

  /** Does it to every broker at once, each on a thread of its own, and waits for all. */
  private void sideBySide(String threadName, Consumer<Broker> step) {
    List<Thread> threads = new ArrayList<>();
    for (Broker broker : brokers) {
      threads.add(
          Thread.ofPlatform().name(threadName + broker.id()).start(() -> step.accept(broker)));
    }
    threads.forEach(Cluster::joinQuietly);
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

  /** Which directory is whose. */
  BrokerHomes homes() {
    return homes;
  }

  Reconciler reconciler() {
    return reconciler;
  }

  Compactor compactor() {
    return compactor;
  }

  @Override
  public GuardedClock clock() {
    return clock.clock();
  }

  ProducerMemory producerMemory() {
    return ground.clientMemory().producerMemory();
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
    Optional<Refusal> refusal = ground.clientMemory().refusal(command);
    return refusal.isPresent() ? Answer.refused(refusal.get()) : metadata.submit(command, timeout);
  }

  @Override
  public boolean hasManyConsumers() {
    return ground.clientMemory().hasManyConsumers();
  }

  /** Why the cluster is not ready: a group that nothing can be appended to; empty when it is. */
  List<String> reasonsNotReady() {
    List<String> reasons = new ArrayList<>();
    String why = brokerWatch.whyBrokersAreAway();
    if (metadata.leadership().isEmpty()) {
      reasons.add("cluster " + name() + ": the metadata group has no leader" + why);
    }
    for (ClusterDataGroup group : dataGroups) {
      group
          .reasonNotReady()
          .ifPresent(
              reason ->
                  reasons.add(
                      "cluster " + name() + ": data group " + group.number() + reason + why));
    }
    if (!reasons.isEmpty()) {
      brokers.forEach(broker -> broker.refusal().ifPresent(reasons::add));
    }
    return reasons;
  }

  /** Why nothing large can be written to some group now: the disks of its brokers are full. */
  Optional<String> shortage() {
    return dataGroups.stream().flatMap(group -> group.shortage().stream()).findFirst();
  }

  /**
   * Waits until each group is led by the broker that it prefers and every replica has entries, at
   * most {@code limit}. A cluster works before that; but its first users need not meet the leaders
   * on the move, and a candidate takes no vote from a replica without entries.
   */
  void awaitSpreadLeaders(Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (!leadersAreSpread() && System.nanoTime() < deadlineNanos) {
      TimeUnit.MILLISECONDS.sleep(SPREAD_POLL_MILLIS);
    }
  }

  /** A group whose preferred broker does not run is as it should be. */
  private boolean leadersAreSpread() {
    for (GroupSpec group : network.groups()) {
      if (brokers.get(group.preferredBrokerId() - 1).raft().isEmpty()) {
        continue;
      }
      boolean preferred =
          network
              .group(group.number())
              .leadership()
              .filter(leader -> leader.brokerId() == group.preferredBrokerId())
              .isPresent();
      if (!preferred || !allHaveEntries(group)) {
        return false;
      }
    }
    return true;
  }

  private boolean allHaveEntries(GroupSpec group) {
    return group.memberBrokerIds().stream()
        .flatMap(id -> brokers.get(id - 1).raft().stream())
        .map(broker -> broker.status(group.number()))
        .allMatch(status -> !status.running() || status.commitIndex() >= 0);
  }

  /**
   * Ends the cluster: all brokers write a last checkpoint and close, side by side. One that is just
   * being started is closed, too: this takes its turn in the life cycle. Once ended, it stays so.
   */
  void close() {
    if (lifeCycle.isShutdown()) {
      return;
    }
    brokerWatch.close();
    catalogWriter.close();
    retention.close();
    expiry.close();
    shortening.close();
    ground.clientMemory().remove(this);
    compactor.close();
    scrubber.close();
    reconciler.close();
    dataGroups.forEach(group -> group.accumulator().close());
    try {
      inLifeCycle(() -> sideBySide("stop-broker-", Broker::close));
    } finally {
      lifeCycle.shutdown();
      clock.close();
    }
  }

  private void closeFailed(Broker broker) {
    if (broker.failure().isPresent()) {
      broker.closeFailed();
      changed();
    }
  }

  private final class Surroundings implements Broker.Surroundings {
    @Override
    public Disk disk() {
      return ground.disk();
    }

    @Override
    public boolean prepareHome(int brokerId) throws IOException {
      return homes.prepare(brokerId);
    }

    @Override
    public void setAside(int brokerId, List<Path> parts) throws IOException {
      homes.setAside(brokerId, parts);
    }

    @Override
    public RaftBroker.Config raftConfig(int brokerId, Path directory, boolean known) {
      return new RaftBroker.Config(
          brokerId,
          directory,
          network,
          ground.disk(),
          clock.clock(),
          settings.replication(),
          known);
    }

    @Override
    public ClusterMetadata newMetadata() {
      return new ClusterMetadata(metadata::publish);
    }

    @Override
    public PartitionStore newStore(int group, PartitionDirectories directories, OpenFiles files) {
      return new PartitionStore(
          group,
          ground.disk(),
          directories,
          files,
          new StoreListener(),
          ground.clientMemory().producerMemory(),
          asking -> dataGroup(group).readersBesides(asking));
    }

    @Override
    public Optional<BrokerFailure.Want> shortOf(Path directory) {
      return space.shortOf(directory);
    }

    @Override
    public void brokerFailed(int brokerId) {
      try {
        lifeCycle.execute(() -> closeFailed(brokers.get(brokerId - 1)));
      } catch (RejectedExecutionException e) {
        LOG.info("broker failed after its cluster had ended: broker={}", brokerId);
      }
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
