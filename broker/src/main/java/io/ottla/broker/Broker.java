package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerState;
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
 * {@link #start}, {@link #stop} and {@link #crash} are called by one thread at a time, the
 * cluster's life cycle; everything else by any.
 *
 * <h2>Failure</h2>
 *
 * When the disk below fails, the replication reports it and the broker is failed: it takes no part
 * in anything until it is started again.
 */
final class Broker {
  private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

  /** What stands around a broker: the parts of its cluster that it is wired to. */
  interface Surroundings {
    /** What its files lie on. */
    Disk disk();

    /** The settings of its replication. */
    RaftBroker.Config raftConfig(int brokerId, Path directory, boolean known);

    /** Makes the state of its replica of the metadata group. */
    ClusterMetadata newMetadata();

    /** Makes the state of its replica of a data group. */
    PartitionStore newStore(int group, PartitionDirectories directories, OpenFiles files);

    /** It failed by itself. Called on any thread, once per start. */
    void brokerFailed(int brokerId, String reason);
  }

  private final BrokerIdentity identity;
  private final Path directory;
  private final Surroundings surroundings;
  private final int maxOpenFiles;
  private volatile Running running;
  private volatile BrokerState state = BrokerState.STOPPED;

  private record Running(RaftBroker raft, Map<Integer, PartitionStore> stores, Catalog catalog) {}

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

  /** Its catalog, while it runs. */
  Optional<Catalog> catalog() {
    return Optional.ofNullable(running).map(Running::catalog);
  }

  /**
   * Starts it; a running one stays as it is.
   *
   * @param known whether it has been part of the cluster before: then a missing journal is a lost
   *     one, never a fresh start
   */
  void start(boolean known) throws IOException {
    if (running != null) {
      return;
    }
    OpenFiles files = new OpenFiles(maxOpenFiles);
    PartitionDirectories directories = PartitionDirectories.open(surroundings.disk(), directory);
    Map<Integer, PartitionStore> stores = new ConcurrentHashMap<>();
    Catalog catalog = Catalog.open(directory.resolve("catalog.db"));
    RaftBroker raft;
    try {
      raft =
          RaftBroker.start(
              surroundings.raftConfig(id(), directory, known),
              group -> newState(group, directories, files, stores),
              this::failed);
    } catch (IOException | RuntimeException e) {
      state = BrokerState.FAILED;
      catalog.close();
      throw e;
    }
    running = new Running(raft, stores, catalog);
    state = BrokerState.RUNNING;
    LOG.info("broker started: broker={} directory={}", id(), directory);
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

  /** Writes a last checkpoint and closes, handing nothing over: the whole cluster ends. */
  void close() {
    end(BrokerState.STOPPED, RaftBroker::close);
  }

  /** Closes what a failed broker still holds. */
  void closeFailed() {
    end(BrokerState.FAILED, RaftBroker::crash);
  }

  private interface Ending {
    void end(RaftBroker raft);
  }

  private void end(BrokerState after, Ending ending) {
    Running now = running;
    state = after;
    running = null;
    if (now == null) {
      return;
    }
    ending.end(now.raft());
    now.catalog().close();
    LOG.info("broker ended: broker={} state={}", id(), after);
  }

  private void failed(int brokerId, String reason, Throwable cause) {
    LOG.error("broker failed: broker={} reason={}", brokerId, reason, cause);
    state = BrokerState.FAILED;
    surroundings.brokerFailed(brokerId, reason);
  }
}
