package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.identity.HomeRefusedException;
import io.ottla.broker.store.PartitionDirectories;
import io.ottla.broker.store.PartitionStore;
import io.ottla.catalog.Catalog;
import io.ottla.disk.Disk;
import io.ottla.log.OpenFiles;
import io.ottla.metadata.BrokerIdentity;
import io.ottla.metadata.ClusterMetadata;
import io.ottla.replication.RaftBroker;
import io.ottla.replication.ReplicatedState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One broker of a cluster: its directory, its replicas of the groups, its catalog. It may be
 * stopped and started while the process runs.
 *
 * <h2>Threads</h2>
 *
 * {@link #start} and whatever ends it are called by one thread at a time, the cluster's life cycle;
 * everything else by any. The lock guards what is written of {@code state}, {@code running}, {@code
 * failure} and {@code closed}: a failure may come from any thread while it starts.
 *
 * <h2>Failure</h2>
 *
 * When the disk below fails, the replication reports it and the broker is failed: it takes no part
 * in anything until it is started again. If it failed for want of something that may come back, it
 * waits: then {@link BrokerRevival} starts it.
 */
final class Broker {
  private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

  /** What stands around a broker: the parts of its cluster that it is wired to. */
  interface Surroundings {
    /** What its files lie on. */
    Disk disk();

    /**
     * Makes sure that the broker's directory is its own, before each start.
     *
     * @return whether it has been part of the cluster before: then a missing journal is a lost one,
     *     never a fresh start
     * @throws HomeRefusedException when it must not start
     */
    boolean prepareHome(int brokerId) throws IOException;

    /** Moves parts of a broker's directory that are nobody's out of it; deletes nothing. */
    void setAside(int brokerId, List<Path> parts) throws IOException;

    /** The settings of its replication. */
    RaftBroker.Config raftConfig(int brokerId, Path directory, boolean known);

    /** Makes the state of its replica of the metadata group. */
    ClusterMetadata newMetadata();

    /** Makes the state of its replica of a data group. */
    PartitionStore newStore(int group, PartitionDirectories directories, OpenFiles files);

    /** What a broker is short of at this moment, if its disk or the process is. Does not block. */
    Optional<BrokerFailure.Want> shortOf(Path directory);

    /** It failed by itself. Called on any thread, once per start. */
    void brokerFailed(int brokerId);
  }

  private final BrokerIdentity identity;
  private final Path directory;
  private final Surroundings surroundings;
  private final int maxOpenFiles;
  private volatile Running running;
  private volatile BrokerState state = BrokerState.STOPPED;
  private volatile BrokerFailure failure;
  private boolean closed;
  private volatile String refusal = "";

  private record Running(
      RaftBroker raft, Map<Integer, PartitionStore> stores, BrokerCatalog catalog) {}

  Broker(BrokerIdentity identity, Path directory, Surroundings surroundings, int maxOpenFiles) {
    this.identity = identity;
    this.directory = directory;
    this.surroundings = surroundings;
    this.maxOpenFiles = maxOpenFiles;
  }

  int id() {
    return identity.id();
  }

  BrokerIdentity identity() {
    return identity;
  }

  Path directory() {
    return directory;
  }

  BrokerState state() {
    return state;
  }

  /** Why its last start was refused, as its directory is not there; empty if it was not. */
  Optional<String> refusal() {
    return Optional.of(refusal).filter(reason -> !reason.isEmpty());
  }

  /** Its replica of a data group, while it runs. */
  Optional<PartitionStore> store(int group) {
    Running now = running;
    return now == null ? Optional.empty() : Optional.ofNullable(now.stores().get(group));
  }

  /** Its replicas of the data groups, while it runs. */
  Collection<PartitionStore> stores() {
    Running now = running;
    return now == null ? List.of() : now.stores().values();
  }

  /** Its replication, while it runs. */
  Optional<RaftBroker> raft() {
    return Optional.ofNullable(running).map(Running::raft);
  }

  /** Its SQL view, while it runs. */
  Optional<BrokerCatalog> catalog() {
    return Optional.ofNullable(running).map(Running::catalog);
  }

  /**
   * Starts it; a running one stays as it is.
   *
   * @throws HomeRefusedException when its directory is not there, or is not its own
   */
  void start() throws IOException {
    if (running != null) {
      return;
    }
    starting();
    boolean known = prepareHome();
    OpenFiles files = new OpenFiles(maxOpenFiles);
    Map<Integer, PartitionStore> stores = new ConcurrentHashMap<>();
    RaftBroker raft;
    PartitionDirectories directories;
    try {
      directories = PartitionDirectories.open(surroundings.disk(), directory);
      raft =
          RaftBroker.start(
              surroundings.raftConfig(id(), directory, known),
              group -> newState(group, directories, files, stores),
              this::failed);
    } catch (IOException | RuntimeException | Error e) {
      fail("it could not start", e);
      throw e;
    }
    setAsideUnknown(directories);
    Path view = directory.resolve("catalog.db");
    started(new Running(raft, stores, new BrokerCatalog(view, Catalog::open, System::nanoTime)));
  }

  /** All its groups have restored: what none of them has taken is none's. */
  private void setAsideUnknown(PartitionDirectories directories) {
    try {
      directories.setAsideUnknown(parts -> surroundings.setAside(id(), parts));
    } catch (IOException | RuntimeException | Error e) {
      LOG.warn("directories that are nobody's stay: broker={} directory={}", id(), directory, e);
    }
  }

  private synchronized void starting() throws IOException {
    if (closed) {
      throw new IOException("broker " + id() + " belongs to a cluster that has ended");
    }
    state = BrokerState.STOPPED;
    failure = null;
  }

  private synchronized void started(Running now) {
    running = now;
    if (failure != null) {
      return; // meanwhile; it is being closed already
    }
    state = BrokerState.RUNNING;
    LOG.info("broker started: broker={} directory={}", id(), directory);
  }

  private boolean prepareHome() throws IOException {
    refusal = "";
    try {
      return surroundings.prepareHome(id());
    } catch (HomeRefusedException e) {
      refusal = e.getMessage();
      refused(
          e.getCause() == null
              ? new BrokerFailure(Optional.empty(), e.getMessage())
              : BrokerFailure.of(e.getMessage(), e.getCause(), surroundings.shortOf(directory)));
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      fail("its directory could not be prepared", e);
      throw e;
    }
  }

  private synchronized void refused(BrokerFailure judged) {
    failure = judged;
    state = judged.waitsFor().isPresent() ? BrokerState.WAITING : BrokerState.FAILED;
  }

  private ReplicatedState newState(
      int group,
      PartitionDirectories directories,
      OpenFiles files,
      Map<Integer, PartitionStore> stores) {
    if (group == 0) {
      return surroundings.newMetadata();
    }
    PartitionStore store = surroundings.newStore(group, directories, files);
    stores.put(group, store);
    return store;
  }

  /** Hands its leaderships over, writes a last checkpoint and closes. */
  void stop() {
    end(BrokerState.STOPPED, RaftBroker::stop);
  }

  /** Goes away as if its machine were lost. */
  void crash() {
    end(BrokerState.STOPPED, RaftBroker::crash);
  }

  /**
   * Writes a last checkpoint and closes, handing nothing over: the whole cluster ends. It cannot be
   * started any more.
   */
  void close() {
    synchronized (this) {
      closed = true;
    }
    end(BrokerState.STOPPED, RaftBroker::close);
  }

  /** Closes what a failed broker still holds. */
  void closeFailed() {
    end(state, RaftBroker::crash);
  }

  /** Ends it as {@link #stop} does, until its disk has room; nothing if it has failed meanwhile. */
  void stepAside(String reason) {
    synchronized (this) {
      if (failure != null) {
        return;
      }
      failure = BrokerFailure.waiting(BrokerFailure.Want.SPACE, reason);
    }
    end(BrokerState.WAITING, RaftBroker::stop);
  }

  /** Starts it as it was started before; what a failure left is closed first. */
  void startAgain() throws IOException {
    if (failure != null) {
      closeFailed();
    }
    start();
  }

  private interface Ending {
    void end(RaftBroker raft);
  }

  private void end(BrokerState after, Ending ending) {
    Running now;
    synchronized (this) {
      now = running;
      state = after;
      running = null;
      if (after == BrokerState.STOPPED) {
        failure = null;
      }
    }
    if (now == null) {
      return;
    }
    ending.end(now.raft());
    now.catalog().close();
    LOG.info("broker ended: broker={} state={}", id(), after);
  }

  private void failed(int brokerId, String reason, Throwable cause) {
    fail(reason, cause);
    surroundings.brokerFailed(brokerId);
  }

  private void fail(String reason, Throwable cause) {
    BrokerFailure judged = BrokerFailure.of(reason, cause, surroundings.shortOf(directory));
    synchronized (this) {
      if (failure == null || judged.outranks(failure)) {
        failure = judged;
        state = judged.waitsFor().isPresent() ? BrokerState.WAITING : BrokerState.FAILED;
      }
    }
    LOG.error(
        "broker failed: broker={} state={} reason={}", id(), state, judged.wireReason(), cause);
  }

  /** Why it is failed or waits; empty while it runs or is stopped. */
  Optional<BrokerFailure> failure() {
    return Optional.ofNullable(failure);
  }
}
