package io.ottla.broker;

import io.ottla.broker.identity.BrokerHomes;
import io.ottla.broker.identity.ClusterFile;
import io.ottla.broker.identity.ClusterFiles;
import io.ottla.broker.identity.ClusterFiles.Found;
import io.ottla.broker.identity.DeploymentFiles;
import io.ottla.broker.identity.HomeRefusedException;
import io.ottla.broker.identity.NewerFormatException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
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
  private final ClusterFiles files;
  private final DeploymentFiles deployment;
  private final Deployment.Config config;
  private final ClientMemory clientMemory;
  private final ScrubPace scrubPace;

  private ClusterFormation(
      Deployment.Config config,
      LogDirectories directories,
      ClusterFiles files,
      DeploymentFiles deployment) {
    this.disk = config.disk();
    this.clock = config.clock();
    this.config = config;
    this.scrubPace = new ScrubPace(config.settings().scrubBytesPerSecond());
    this.clientMemory = new ClientMemory(config.settings().memory());
    this.directories = directories;
    this.files = files;
    this.deployment = deployment;
  }

  static ClusterFormation open(Deployment.Config config, LogDirectories directories)
      throws IOException {
    ClusterFiles files = new ClusterFiles(config.disk(), directories.dataDirectories());
    DeploymentFiles deployment =
        DeploymentFiles.open(config.disk(), directories.dataDirectories(), files);
    return new ClusterFormation(config, directories, files, deployment);
  }

  /**
   * What the data directories hold: clusters, their brokers not started, and what is not served.
   */
  record Existing(List<Cluster> clusters, List<NotServed> notServed) {}

  /**
   * The clusters on disk; half created and half deleted ones are removed first. What is wrong with
   * one keeps no other from being served.
   *
   * @throws IOException when a newer build wrote one, or a data directory is not among those given
   */
  Existing existing() throws IOException {
    Map<ClusterFile, Base> opened = new LinkedHashMap<>();
    List<NotServed> notServed = new ArrayList<>();
    Map<UUID, String> seen = new HashMap<>();
    for (String logDirectory : deployment.logDirectories()) {
      switch (files.read(logDirectory)) {
        case Found.Damaged(String reason) ->
            notServed.add(damaged(logDirectory, Optional.empty(), reason));
        case Found.Whole(ClusterFile file) -> {
          String other = seen.putIfAbsent(file.identity().clusterId(), logDirectory);
          if (other != null) {
            notServed.add(
                damaged(
                    logDirectory,
                    Optional.of(file.identity().name()),
                    "it is the same cluster as in log_directory " + other));
          } else {
            open(file, opened, notServed);
          }
        }
      }
    }
    notServed.addAll(unlisted());
    notServed.forEach(
        each ->
            LOG.warn(
                "cluster is not served, and nothing of it is touched: logDirectory={} state={}"
                    + " reason={}",
                each.logDirectory(),
                each.state(),
                each.reason()));
    List<Cluster> clusters = new ArrayList<>();
    opened.forEach((file, base) -> clusters.add(build(file.identity(), base)));
    return new Existing(clusters, List.copyOf(notServed));
  }

  private static NotServed damaged(String logDirectory, Optional<String> name, String reason) {
    return new NotServed(logDirectory, name, NotServed.State.DAMAGED, reason);
  }

  private void open(ClusterFile file, Map<ClusterFile, Base> opened, List<NotServed> notServed)
      throws IOException {
    ClusterIdentity identity = file.identity();
    if (file.state() != ClusterFile.State.READY) {
      finishRemoval(file).ifPresent(notServed::add);
      return;
    }
    Base base = base(file);
    try {
      base.homes().open();
      opened.put(file, base);
    } catch (HomeRefusedException | NewerFormatException e) {
      throw e;
    } catch (IOException e) {
      notServed.add(damaged(identity.logDirectory(), Optional.of(identity.name()), e.toString()));
    }
  }

  /** Goes on with what a crash or an error has ended; what it still cannot do, it says. */
  private Optional<NotServed> finishRemoval(ClusterFile file) {
    ClusterIdentity identity = file.identity();
    LOG.warn(
        "removing a cluster that was not whole: cluster={} state={}",
        identity.name(),
        file.state());
    try {
      remove(identity.logDirectory());
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(halfRemoved(identity, e));
    }
  }

  static NotServed halfRemoved(ClusterIdentity identity, IOException failure) {
    return new NotServed(
        identity.logDirectory(),
        Optional.of(identity.name()),
        NotServed.State.DELETING,
        "it could not be removed whole, delete it again: " + failure);
  }

  /** Clusters that lie there and are not listed: left alone, but never passed over in silence. */
  private List<NotServed> unlisted() throws IOException {
    List<NotServed> found = new ArrayList<>();
    for (String logDirectory : files.searchIfPossible()) {
      if (deployment.logDirectories().contains(logDirectory)) {
        continue;
      }
      switch (files.read(logDirectory)) {
        case Found.Damaged(String reason) ->
            found.add(
                new NotServed(logDirectory, Optional.empty(), NotServed.State.UNLISTED, reason));
        case Found.Whole(ClusterFile file) -> {
          if (file.state() == ClusterFile.State.READY) {
            found.add(
                new NotServed(
                    logDirectory,
                    Optional.of(file.identity().name()),
                    NotServed.State.UNLISTED,
                    "deployment.json does not list it; without deployment.json and"
                        + " deployment.copy the next start lists all clusters anew"));
          } else {
            finishRemoval(file).ifPresent(found::add);
          }
        }
      }
    }
    return found;
  }

  /** A cluster's homes, and the one clock that it has. */
  private record Base(BrokerHomes homes, ClusterClock clock) {}

  private Base base(ClusterFile file) {
    List<Path> given = directories.dataDirectories();
    ClusterClock clusterClock =
        ClusterClock.open(file.identity().name(), disk, file.mainDirectory(given), clock);
    BrokerHomes homes =
        new BrokerHomes(
            new BrokerHomes.Ground(disk, clusterClock.clock(), given),
            file,
            ClusterLayout.groups(file.identity()));
    return new Base(homes, clusterClock);
  }

  /** The cluster of that identity, its brokers not started. */
  private Cluster build(ClusterIdentity identity, Base base) {
    return new Cluster(
        identity,
        new Cluster.Ground(
            disk,
            base.clock(),
            config.settings(),
            clientMemory,
            config.reserve(),
            config.host(),
            config.port()),
        scrubPace,
        base.homes());
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
    deployment.takeNumber();
    Cluster cluster = build(identity, base(BrokerHomes.newCluster(identity)));
    try {
      Optional<Refusal> notFormed = form(cluster);
      if (notFormed.isPresent()) {
        cluster.close();
        remove(identity.logDirectory());
        return Answer.refused(notFormed.get());
      }
    } catch (IOException e) {
      cluster.close();
      throw e;
    }
    LOG.info(
        "cluster created: cluster={} brokers={} directory={}",
        identity.name(),
        wanted.brokers(),
        identity.logDirectory());
    return Answer.ok(cluster);
  }

  private Optional<Refusal> form(Cluster cluster) throws IOException {
    cluster.homes().announce();
    deployment.add(cluster.identity().logDirectory());
    cluster.homes().create();
    cluster.start();
    Optional<Refusal> notFormed = awaitFormed(cluster);
    if (notFormed.isEmpty()) {
      cluster.homes().ready();
    }
    return notFormed;
  }

  /**
   * Whether what lies there is a creation or deletion that a crash ended while the deployment did
   * not list it.
   */
  private boolean isLeftOver(String logDirectory) throws IOException {
    return files.read(logDirectory) instanceof Found.Whole(ClusterFile file)
        && file.state() != ClusterFile.State.READY;
  }

  private ClusterIdentity identity(Deployment.Wanted wanted) {
    long nowMs = clock.millis();
    List<BrokerIdentity> brokers = new ArrayList<>();
    for (int id = 1; id <= wanted.brokers(); id++) {
      brokers.add(new BrokerIdentity(id, config.host(), config.port(), nowMs));
    }
    return new ClusterIdentity(
        UUID.randomUUID(),
        deployment.nextClusterNumber(),
        wanted.name(),
        wanted.logDirectory(),
        wanted.partitions(),
        wanted.retentionHours(),
        UUID.randomUUID(),
        brokers,
        nowMs);
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

  /**
   * Ends a cluster and removes its files.
   *
   * @throws IOException when it is not gone. It goes on if its homes are still {@link
   *     BrokerHomes#isReady ready}; otherwise it has ended, and {@link #remove} may be called again
   */
  void delete(Cluster cluster) throws IOException {
    try {
      cluster.homes().deleting();
    } catch (IOException e) {
      if (!cluster.homes().isReady()) {
        cluster.close();
      }
      throw e;
    }
    cluster.close();
    remove(cluster.identity().logDirectory());
    LOG.info("cluster deleted: cluster={}", cluster.name());
  }

  /**
   * The brokers' directories go first, the cluster's files last, so that a crash leaves one that
   * says what to finish.
   */
  void remove(String logDirectory) throws IOException {
    for (Path directory : directories.clusterDirectories(logDirectory)) {
      for (Path entry : disk.list(directory)) {
        if (!ClusterFiles.isClusterFile(entry)) {
          disk.deleteTree(entry);
        }
      }
    }
    deployment.remove(logDirectory);
    for (Path directory : directories.clusterDirectories(logDirectory)) {
      disk.deleteTree(directory);
    }
  }
}
