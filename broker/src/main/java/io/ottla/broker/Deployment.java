package io.ottla.broker;

import io.ottla.broker.ClusterFormation.Existing;
import io.ottla.disk.Disk;
import io.ottla.disk.DiskSpace;
import io.ottla.metadata.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All clusters of this process, and the data directories that it owns alone. Thread-safe.
 *
 * <p>The list of clusters is replaced as a whole and read without a lock. Creations and deletions
 * run one after the other: {@code formation} is held from a cluster's first file to its readiness,
 * and only by those two use cases.
 */
public final class Deployment implements TopicDirectory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Deployment.class);

  private final DeploymentLock lock;
  private final ClusterFormation formation;
  private final ReentrantLock oneFormationAtATime = new ReentrantLock();
  private final Config config;
  private volatile List<Cluster> clusters = List.of();
  private volatile List<NotServed> notServed = List.of();

  private Deployment(DeploymentLock lock, ClusterFormation formation, Config config) {
    this.lock = lock;
    this.formation = formation;
    this.config = config;
  }

  /**
   * What a deployment stands on.
   *
   * @param dataDirectories absolute; made if missing
   * @param host the address that brokers are described with
   * @param reserve what is kept free of each disk
   */
  public record Config(
      List<Path> dataDirectories,
      String host,
      int port,
      Disk disk,
      InstantSource clock,
      BrokerSettings settings,
      DiskReserve reserve) {
    /** With the usual reserve. */
    public Config(
        List<Path> dataDirectories,
        String host,
        int port,
        Disk disk,
        InstantSource clock,
        BrokerSettings settings) {
      this(dataDirectories, host, port, disk, clock, settings, DiskReserve.usual());
    }
  }

  /** What {@link CreateCluster} wants, all of it checked but the log directory. */
  record Wanted(
      String name, int brokers, String logDirectory, int partitions, double retentionHours) {}

  /** A topic with its cluster in this process. */
  record FoundTopic(Cluster cluster, Topic topic) {}

  /**
   * Locks the data directories, finishes what was half created or deleted, and starts every
   * cluster's brokers. It does not wait for leaders.
   *
   * @throws IOException when a directory is in use, a newer build wrote there, or it is not certain
   *     which clusters there are: the message says what can be done, and nothing was touched
   */
  public static Deployment open(Config config) throws IOException {
    for (Path directory : config.dataDirectories()) {
      config.disk().createDirectories(directory);
    }
    List<Path> real = new ArrayList<>();
    for (Path directory : config.dataDirectories()) {
      real.add(directory.toRealPath());
    }
    DeploymentLock lock = DeploymentLock.acquire(real);
    try {
      ClusterFormation formation = ClusterFormation.open(config, new LogDirectories(real));
      Deployment deployment = new Deployment(lock, formation, config);
      Existing existing = formation.existing();
      deployment.notServed = existing.notServed();
      for (Cluster cluster : existing.clusters()) {
        cluster.start();
        LOG.info("cluster opened: cluster={} brokers={}", cluster.name(), cluster.brokers().size());
      }
      deployment.clusters = sorted(existing.clusters());
      return deployment;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static List<Cluster> sorted(List<Cluster> clusters) {
    return clusters.stream().sorted(Comparator.comparingInt(c -> c.identity().number())).toList();
  }

  Answer<Cluster> createCluster(Wanted wanted) {
    oneFormationAtATime.lock();
    try {
      Optional<Refusal> refusal = refusalOf(wanted).or(this::diskFull);
      if (refusal.isPresent()) {
        return Answer.refused(refusal.get());
      }
      return formation
          .create(wanted)
          .then(
              cluster -> {
                List<Cluster> more = new ArrayList<>(clusters);
                more.add(cluster);
                clusters = sorted(more);
                return Answer.ok(cluster);
              });
    } catch (IOException e) {
      throw new UncheckedIOException("cluster " + wanted.name() + " cannot be created", e);
    } finally {
      oneFormationAtATime.unlock();
    }
  }

  private Optional<Refusal> refusalOf(Wanted wanted) {
    if (find(wanted.name()).isPresent()) {
      return Optional.of(
          Refusal.of(RefusalCode.CLUSTER_EXISTS, "a cluster " + wanted.name() + " exists already")
              .with("field", "name"));
    }
    Optional<NotServed> sameName = findNotServed(wanted.name());
    if (sameName.isPresent()) {
      return sameName.map(Deployment::notServedRefusal);
    }
    for (NotServed other : notServed) {
      if (LogDirectories.overlap(other.logDirectory(), wanted.logDirectory())) {
        return Optional.of(
            Refusal.of(
                    RefusalCode.LOG_DIRECTORY_IN_USE,
                    "log_directory "
                        + wanted.logDirectory()
                        + " is or overlaps that of a cluster that is not served: "
                        + other.reason())
                .with("field", "log_directory"));
      }
    }
    for (Cluster cluster : clusters) {
      if (LogDirectories.overlap(cluster.identity().logDirectory(), wanted.logDirectory())) {
        return Optional.of(
            Refusal.of(
                    RefusalCode.LOG_DIRECTORY_IN_USE,
                    "log_directory "
                        + wanted.logDirectory()
                        + " is or overlaps that of cluster "
                        + cluster.name())
                .with("field", "log_directory"));
      }
    }
    int replicas = ClusterLayout.replicaCount(wanted.brokers());
    for (Cluster cluster : clusters) {
      replicas += ClusterLayout.replicaCount(cluster.brokers().size());
    }
    if (replicas > config.settings().maxGroupReplicas()) {
      return Optional.of(
          Refusal.of(
              RefusalCode.TOO_MANY_CLUSTERS,
              "this process has memory for "
                  + config.settings().maxGroupReplicas()
                  + " group replicas; with this cluster there would be "
                  + replicas));
    }
    return Optional.empty();
  }

  /** Why no cluster can be made now: a data directory has not the room that is kept. */
  private Optional<Refusal> diskFull() {
    for (Path directory : config.dataDirectories()) {
      try {
        DiskSpace space = config.disk().space(directory);
        long reserveBytes = config.reserve().reserveBytes(space);
        if (space.usableBytes() < reserveBytes) {
          return Optional.of(
              TopicRules.diskFull(
                  "data directory %s is full: %d bytes are free, %d are kept in reserve"
                      .formatted(directory, space.usableBytes(), reserveBytes)));
        }
      } catch (IOException e) {
        LOG.warn("room of a data directory not known: directory={}", directory, e);
      }
    }
    return Optional.empty();
  }

  Answer<Done> deleteCluster(String name) {
    oneFormationAtATime.lock();
    try {
      Optional<Cluster> cluster = find(name);
      if (cluster.isEmpty()) {
        return removeAgain(name);
      }
      deleteShown(cluster.get());
      return Answer.ok(Done.DONE);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cluster " + name + " cannot be deleted whole; delete it again", e);
    } finally {
      oneFormationAtATime.unlock();
    }
  }

  /** It is hidden meanwhile, and shown again as what is left of it if it cannot be deleted. */
  private void deleteShown(Cluster cluster) throws IOException {
    List<Cluster> before = clusters;
    clusters = before.stream().filter(other -> other != cluster).toList();
    try {
      formation.delete(cluster);
    } catch (IOException e) {
      if (cluster.homes().isReady()) {
        clusters = before;
      } else {
        show(ClusterFormation.halfRemoved(cluster.identity(), e));
      }
      throw e;
    }
  }

  private void show(NotServed more) {
    List<NotServed> all = new ArrayList<>(notServed);
    all.removeIf(other -> other.logDirectory().equals(more.logDirectory()));
    all.add(more);
    notServed = List.copyOf(all);
  }

  /** Goes on with a deletion that has failed; anything else that is not served is left alone. */
  private Answer<Done> removeAgain(String name) throws IOException {
    Optional<NotServed> left = findNotServed(name);
    if (left.isEmpty()) {
      return notFound(name);
    }
    if (left.get().state() != NotServed.State.DELETING) {
      return Answer.refused(notServedRefusal(left.get()));
    }
    formation.remove(left.get().logDirectory());
    notServed =
        notServed.stream()
            .filter(other -> !other.logDirectory().equals(left.get().logDirectory()))
            .toList();
    return Answer.ok(Done.DONE);
  }

  /** One that should be served; copies that nobody listed have no name here. */
  private Optional<NotServed> findNotServed(String name) {
    return notServed.stream()
        .filter(other -> other.state() != NotServed.State.UNLISTED && other.isCalled(name))
        .findFirst();
  }

  private static Refusal notServedRefusal(NotServed cluster) {
    return Refusal.of(
            RefusalCode.CLUSTER_DAMAGED,
            "cluster " + cluster.displayName() + " is not served: " + cluster.reason())
        .with("field", "cluster");
  }

  private static <T> Answer<T> notFound(String name) {
    return Answer.refused(
        Refusal.of(RefusalCode.CLUSTER_NOT_FOUND, "there is no cluster " + name)
            .with("field", "cluster"));
  }

  /** What lies in the data directories and is not served. */
  List<NotServed> notServed() {
    return notServed;
  }

  /** All clusters of this process, in the order of their numbers. */
  List<Cluster> all() {
    return clusters;
  }

  Optional<Cluster> find(String name) {
    return clusters.stream().filter(cluster -> cluster.name().equals(name)).findFirst();
  }

  /** The named cluster, or the only one. */
  Answer<Cluster> readyCluster(Optional<String> name) {
    if (name.isPresent()) {
      return find(name.get()).map(Answer::ok).orElseGet(() -> whyNot(name.get()));
    }
    List<Cluster> served = clusters;
    List<NotServed> damaged = damaged();
    if (served.isEmpty() && damaged.isEmpty()) {
      return Answer.refused(
          RefusalCode.CLUSTER_NOT_FOUND, "there is no cluster yet: create one with POST /cluster");
    }
    if (served.size() + damaged.size() > 1) {
      Stream<String> names =
          Stream.concat(
              served.stream().map(Cluster::name), damaged.stream().map(NotServed::displayName));
      return clusterRequired(names.toList(), "there are several clusters: name one");
    }
    return damaged.isEmpty()
        ? Answer.ok(served.getFirst())
        : Answer.refused(notServedRefusal(damaged.getFirst()));
  }

  /** Whose clients may mean one of these while they name no cluster. */
  private List<NotServed> damaged() {
    return notServed.stream().filter(other -> other.state() == NotServed.State.DAMAGED).toList();
  }

  private <T> Answer<T> whyNot(String name) {
    return findNotServed(name)
        .map(cluster -> Answer.<T>refused(notServedRefusal(cluster)))
        .orElseGet(() -> notFound(name));
  }

  private static <T> Answer<T> clusterRequired(List<String> candidates, String detail) {
    return Answer.refused(
        Refusal.of(RefusalCode.CLUSTER_REQUIRED, detail)
            .with("field", "cluster")
            .with("candidates", candidates));
  }

  /** The topic, in the named cluster or the only one that has it. */
  Answer<FoundTopic> readyTopic(Optional<String> cluster, String topic) {
    if (cluster.isPresent()) {
      return readyCluster(cluster).then(one -> topicIn(List.of(one), List.of(), topic));
    }
    return topicIn(clusters, damaged(), topic);
  }

  private static Answer<FoundTopic> topicIn(
      List<Cluster> candidates, List<NotServed> damaged, String name) {
    List<Cluster> having = new ArrayList<>();
    List<Cluster> unsure = new ArrayList<>();
    for (Cluster cluster : candidates) {
      if (cluster.view().topic(name).isPresent()) {
        having.add(cluster);
      } else if (!cluster.viewIsCurrent()) {
        unsure.add(cluster);
      }
    }
    if (having.size() == 1) {
      Cluster cluster = having.getFirst();
      return cluster
          .view()
          .topic(name)
          .map(topic -> Answer.ok(new FoundTopic(cluster, topic)))
          .orElseGet(() -> noTopic(name));
    }
    if (having.size() > 1) {
      return clusterRequired(
          having.stream().map(Cluster::name).toList(),
          "several clusters have a topic " + name + ": name one");
    }
    if (!unsure.isEmpty()) {
      return Answer.refused(
          RefusalCode.NOT_READY,
          "cluster "
              + unsure.getFirst().name()
              + " is starting and cannot say yet which topics it has");
    }
    // A 404 would be an invitation to create it, in another cluster than the one that has it.
    return damaged.isEmpty() ? noTopic(name) : Answer.refused(notServedRefusal(damaged.getFirst()));
  }

  private static <T> Answer<T> noTopic(String name) {
    return Answer.refused(
        Refusal.of(
                RefusalCode.TOPIC_NOT_FOUND,
                "there is no topic " + name + "; topics are created with POST /topic")
            .with("field", "topic"));
  }

  @Override
  public Answer<ServingCluster> cluster(Optional<String> cluster) {
    return readyCluster(cluster).then(Answer::ok);
  }

  @Override
  public Answer<TopicRef> topic(Optional<String> cluster, String topic) {
    return readyTopic(cluster, topic)
        .then(found -> Answer.ok(new TopicRef(found.cluster(), found.topic())));
  }

  @Override
  public Optional<ServingCluster> clusterOfId(long id) {
    long number = id >>> 32;
    for (Cluster cluster : clusters) {
      if (cluster.identity().number() == number) {
        return Optional.of(cluster);
      }
    }
    return Optional.empty();
  }

  @Override
  public List<ServingCluster> clusters() {
    return List.copyOf(clusters);
  }

  /** Ends every long poll that waits for events, as nobody will append any more. */
  public void endWaits() {
    clusters.forEach(cluster -> cluster.waiters().end());
  }

  /** Ends every cluster cleanly and gives the data directories free. */
  @Override
  public void close() throws IOException {
    List<Thread> closing = new ArrayList<>();
    for (Cluster cluster : clusters) {
      closing.add(Thread.ofPlatform().name("close-" + cluster.name()).start(cluster::close));
    }
    for (Thread thread : closing) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    lock.close();
  }
}
