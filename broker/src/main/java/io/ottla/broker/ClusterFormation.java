package io.ottla.broker;

import io.ottla.broker.DeploymentFiles.ClusterFile;
import io.ottla.broker.DeploymentFiles.ClusterState;
import io.ottla.disk.Disk;
import io.ottla.metadata.BrokerIdentity;
import io.ottla.metadata.ClusterIdentity;
import io.ottla.metadata.MetadataCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes clusters' directories and removes them, so that a crash at any point leaves a whole cluster
 * or none. One owner at a time: {@link Deployment}, under its formation lock.
 *
 * <p>The order of a creation: the number is taken (for ever), {@code cluster.json} says {@code
 * creating}, the deployment lists it, the brokers form and agree on the identity, {@code
 * cluster.json} says {@code ready}. Of a deletion: {@code deleting}, the brokers end, the files go,
 * the deployment forgets it. The next start finishes either.
 */
final class ClusterFormation {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterFormation.class);
  private static final Duration FORMING_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration SPREADING_TIMEOUT = Duration.ofSeconds(3);
  private static final long POLL_MILLIS = 5;

  private final Disk disk;
  private final InstantSource clock;
  private final LogDirectories directories;
  private final DeploymentFiles files;
  private final Deployment.Config config;
  private int nextNumber;
  private final List<String> listed;

  private ClusterFormation(
      Deployment.Config config,
      LogDirectories directories,
      DeploymentFiles files,
      int nextNumber,
      List<String> listed) {
    this.disk = config.disk();
    this.clock = config.clock();
    this.config = config;
    this.directories = directories;
    this.files = files;
    this.nextNumber = nextNumber;
    this.listed = new ArrayList<>(listed);
  }

  static ClusterFormation open(Deployment.Config config, LogDirectories directories)
      throws IOException {
    DeploymentFiles files = new DeploymentFiles(config.disk(), directories);
    var file = files.readDeployment();
    return new ClusterFormation(
        config, directories, files, file.nextClusterNumber(), file.logDirectories());
  }

  /** A cluster on disk, and which of its brokers have an identity there. */
  record Formed(ClusterIdentity identity, IntFunction<Boolean> known) {}

  /** The whole clusters on disk; half created and half deleted ones are removed first. */
  List<Formed> existing() throws IOException {
    List<Formed> formed = new ArrayList<>();
    for (String logDirectory : List.copyOf(listed)) {
      ClusterFile file =
          files
              .readCluster(logDirectory)
              .orElseThrow(
                  () ->
                      new IOException(
                          "the cluster in log_directory "
                              + logDirectory
                              + " is known but its cluster.json is missing: is a data directory not"
                              + " mounted?"));
      if (file.state() == ClusterState.READY) {
        formed.add(new Formed(file.identity(), identify(file.identity())));
      } else {
        LOG.warn(
            "removing a cluster that was not whole: cluster={} state={}",
            file.identity().name(),
            file.state());
        remove(logDirectory);
      }
    }
    return formed;
  }

  /**
   * Gives every broker without an identity one again: its disk was lost, and its replicas will be
   * rebuilt from the others.
   */
  private IntFunction<Boolean> identify(ClusterIdentity identity) throws IOException {
    Map<Integer, Boolean> known = new HashMap<>();
    for (BrokerIdentity broker : identity.brokers()) {
      Path directory = directories.brokerDirectory(identity.logDirectory(), broker.id());
      Optional<DeploymentFiles.BrokerFile> file = files.readBroker(directory);
      if (file.isPresent()
          && !(file.get().clusterId().equals(identity.clusterId())
              && file.get().brokerId() == broker.id())) {
        throw new IOException(
            directory + " belongs to another cluster or broker: put the right directory back");
      }
      if (file.isEmpty()) {
        LOG.warn(
            "broker lost its directory, it will be rebuilt: cluster={} broker={}",
            identity.name(),
            broker.id());
        disk.deleteTree(directory);
        disk.createDirectories(directory);
        files.writeBroker(directory, identity.clusterId(), broker.id());
      }
      known.put(broker.id(), true);
    }
    return id -> known.getOrDefault(id, false);
  }

  /** The cluster of that identity, its brokers not started. */
  Cluster build(ClusterIdentity identity) {
    return new Cluster(
        identity,
        new Cluster.Ground(disk, clock, config.settings(), config.host(), config.port()),
        id -> directories.brokerDirectory(identity.logDirectory(), id));
  }

  /** Forms a cluster and waits until its next topic can be created. */
  Answer<Cluster> create(Deployment.Wanted wanted) throws IOException {
    Optional<Refusal> refusal = directories.refusalOf(wanted.logDirectory());
    if (refusal.isPresent()) {
      return Answer.refused(refusal.get());
    }
    for (Path directory : directories.clusterDirectories(wanted.logDirectory())) {
      if (!disk.list(directory).isEmpty() && !isLeftOver(wanted.logDirectory())) {
        return Answer.refused(
            Refusal.of(
                    RefusalCode.LOG_DIRECTORY_IN_USE,
                    "log_directory " + wanted.logDirectory() + " exists and is not empty")
                .with("field", "log_directory"));
      }
    }
    for (Path directory : directories.clusterDirectories(wanted.logDirectory())) {
      disk.deleteTree(directory);
    }
    ClusterIdentity identity = identity(wanted);
    nextNumber++;
    files.writeDeployment(nextNumber, listed);
    disk.createDirectories(directories.clusterDirectory(identity.logDirectory()));
    files.writeCluster(ClusterState.CREATING, identity);
    listed.add(identity.logDirectory());
    files.writeDeployment(nextNumber, listed);
    for (BrokerIdentity broker : identity.brokers()) {
      Path directory = directories.brokerDirectory(identity.logDirectory(), broker.id());
      disk.createDirectories(directory);
      files.writeBroker(directory, identity.clusterId(), broker.id());
      forceNames(directory);
    }
    Cluster cluster = build(identity);
    cluster.start(id -> false);
    Optional<Refusal> notFormed = awaitFormed(cluster);
    if (notFormed.isPresent()) {
      cluster.close();
      remove(identity.logDirectory());
      return Answer.refused(notFormed.get());
    }
    files.writeCluster(ClusterState.READY, identity);
    LOG.info(
        "cluster created: cluster={} brokers={} directory={}",
        identity.name(),
        wanted.brokers(),
        identity.logDirectory());
    return Answer.ok(cluster);
  }

  /**
   * Whether what lies there is a creation or deletion that a crash ended while the deployment did
   * not list it.
   */
  private boolean isLeftOver(String logDirectory) throws IOException {
    return files
        .readCluster(logDirectory)
        .filter(file -> file.state() != ClusterState.READY)
        .isPresent();
  }

  private ClusterIdentity identity(Deployment.Wanted wanted) {
    long nowMs = clock.millis();
    List<BrokerIdentity> brokers = new ArrayList<>();
    for (int id = 1; id <= wanted.brokers(); id++) {
      brokers.add(new BrokerIdentity(id, config.host(), config.port(), nowMs));
    }
    return new ClusterIdentity(
        UUID.randomUUID(),
        nextNumber,
        wanted.name(),
        wanted.logDirectory(),
        wanted.partitions(),
        wanted.retentionHours(),
        UUID.randomUUID(),
        brokers,
        nowMs);
  }

  /** Makes the names on the way from a data directory down to {@code directory} durable. */
  private void forceNames(Path directory) throws IOException {
    for (Path parent = directory.getParent();
        parent != null && directories.dataDirectories().stream().anyMatch(parent::startsWith);
        parent = parent.getParent()) {
      disk.forceDirectory(parent);
    }
  }

  private static Optional<Refusal> awaitFormed(Cluster cluster) {
    long deadlineNanos = System.nanoTime() + FORMING_TIMEOUT.toNanos();
    var initialized =
        cluster.submit(new MetadataCommand.InitializeCluster(cluster.identity()), FORMING_TIMEOUT);
    if (initialized instanceof Answer.Refused<?>(Refusal refusal)) {
      return Optional.of(refusal);
    }
    try {
      while (System.nanoTime() < deadlineNanos) {
        if (cluster.reasonsNotReady().isEmpty()
            && cluster.viewIsCurrent()
            && cluster.view().topics().stream().allMatch(cluster.reconciler()::isServed)) {
          cluster.awaitSpreadLeaders(SPREADING_TIMEOUT);
          return Optional.empty();
        }
        cluster.reconciler().nudge();
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.of(
        Refusal.of(
            RefusalCode.NOT_READY,
            "the cluster did not form in time: " + String.join("; ", cluster.reasonsNotReady())));
  }

  /** Ends a cluster and removes its files. */
  void delete(Cluster cluster) throws IOException {
    files.writeCluster(ClusterState.DELETING, cluster.identity());
    cluster.close();
    remove(cluster.identity().logDirectory());
    LOG.info("cluster deleted: cluster={}", cluster.name());
  }

  /**
   * The brokers' directories go first, {@code cluster.json} last, so that a crash leaves a file
   * that says what to finish.
   */
  private void remove(String logDirectory) throws IOException {
    Path home = directories.clusterDirectory(logDirectory);
    for (Path directory : directories.clusterDirectories(logDirectory)) {
      for (Path entry : disk.list(directory)) {
        if (!entry.equals(home.resolve("cluster.json"))) {
          disk.deleteTree(entry);
        }
      }
    }
    listed.remove(logDirectory);
    files.writeDeployment(nextNumber, listed);
    for (Path directory : directories.clusterDirectories(logDirectory)) {
      disk.deleteTree(directory);
    }
  }
}
