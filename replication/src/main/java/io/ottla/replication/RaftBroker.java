package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.ReplicatedState.LostReplicaException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One broker's replicas: one Ratis server with a division for each of its groups. Thread-safe.
 *
 * <h2>Threads</h2>
 *
 * {@link #start}, {@link #stop} and {@link #crash} may block for seconds. A thread for chores takes
 * checkpoints and balances; each rebuild has one of its own.
 *
 * <h2>Failure</h2>
 *
 * The first error of a journal, a state or a checkpoint takes the broker off the network at once
 * and closes it; {@link #close} waits until that is done, then a new one may be started.
 */
public final class RaftBroker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RaftBroker.class);
  private static final long CHORES_EVERY_MS = 100;

  private final Config config;
  private final IntFunction<ReplicatedState> stateOfGroup;
  private final FailureListener onFailed;
  private final Chores chores;
  private final RebuildThreads rebuilds = new RebuildThreads();
  private final Map<Integer, Hosted> hosted = new ConcurrentHashMap<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile ReplicaServer server;

  /**
   * What a broker needs. Immutable.
   *
   * @param brokerId unique in its cluster
   * @param directory the broker's; {@code raft/}, {@code checkpoints/} and {@code rebuild/} below
   *     it are ours
   * @param network its cluster's
   * @param disk for checkpoints and rebuilds; the journal itself is written by Ratis
   * @param clock gives entries their append time
   * @param settings limits and time-outs
   * @param known whether this broker has been a member before: then a missing journal is a lost
   *     disk, to be rebuilt from the others, never a fresh start
   */
  public record Config(
      int brokerId,
      Path directory,
      ClusterNetwork network,
      Disk disk,
      InstantSource clock,
      ReplicationSettings settings,
      boolean known) {}

  /** A replica that takes part. */
  private record Hosted(GroupReplica replica, ReplicaCheckpoints checkpoints) {}

  /**
   * What is left of a replica that takes part no more.
   *
   * @param owned the directories that are its own
   * @param journalEnd the last entry that it can have acked
   */
  private record Unhosted(List<Path> owned, TermIndex journalEnd) {}

  private RaftBroker(
      Config config, IntFunction<ReplicatedState> stateOfGroup, FailureListener onFailed) {
    this.config = config;
    this.stateOfGroup = stateOfGroup;
    this.onFailed = onFailed;
    this.chores = new Chores(config.brokerId(), e -> fail("checkpoint failed", e));
  }

  /**
   * Starts the broker's replicas. A replica whose files have lost something is rebuilt from the
   * leader in the background and takes part when it is.
   *
   * @param stateOfGroup makes the state of a group's replica; asked again, for a new instance, when
   *     a replica is rebuilt
   * @param onFailed told if this broker must not go on
   * @throws IOException when it cannot start; it is closed then
   */
  public static RaftBroker start(
      Config config, IntFunction<ReplicatedState> stateOfGroup, FailureListener onFailed)
      throws IOException {
    RaftBroker broker = new RaftBroker(config, stateOfGroup, onFailed);
    config.network().join(broker);
    try {
      broker.server = ReplicaServer.start(config);
      for (GroupSpec spec : config.network().groupsOf(config.brokerId())) {
        broker.open(spec);
      }
      broker.startChores();
      return broker;
    } catch (IOException | RuntimeException e) {
      broker.crash();
      throw e;
    }
  }

  private void startChores() {
    LeaderBalancer balancer = new LeaderBalancer(config.network(), server.transfer());
    chores.every(
        CHORES_EVERY_MS,
        () -> {
          for (Hosted each : hosted.values()) {
            if (each.replica().isLost()) {
              rebuild(each.replica().spec().number());
            } else {
              each.checkpoints().takeIfDue();
            }
          }
        });
    chores.every(
        config.settings().balanceEvery().toMillis(),
        () -> hosted.values().forEach(each -> balancer.balance(each.replica())));
  }

  /** Starts a replica, or its rebuild where its files have lost something. */
  private void open(GroupSpec spec) throws IOException {
    ReplicaFiles files = files(spec);
    new ReplicaRebuild(config.disk(), files).finish();
    boolean exists = config.disk().exists(files.raftGroup());
    CheckpointStore store = store(files);
    Optional<Checkpoint> newest = store.newest();
    Optional<String> loss =
        !exists && config.known()
            ? Optional.of("journal is missing")
            : JournalScan.findLoss(
                config.disk(), files.journal(), newest.map(Checkpoint::index).orElse(-1L));
    if (loss.isEmpty() && newest.isEmpty() && !store.isEmpty()) {
      loss = Optional.of("no checkpoint is whole");
    }
    if (loss.isEmpty()) {
      loss = host(spec, newest);
    }
    loss.ifPresent(
        reason -> {
          log.warn(
              "replica has lost something: broker={} group={} reason={}",
              brokerId(),
              spec.number(),
              reason);
          rebuild(spec.number());
        });
  }

  /** Returns what was lost, if its state says so. */
  private Optional<String> host(GroupSpec spec, Optional<Checkpoint> newest) throws IOException {
    GroupReplica replica =
        new GroupReplica(
            brokerId(),
            spec,
            stateOfGroup.apply(spec.number()),
            config.network().ledGroup(spec.number()),
            config.clock(),
            (id, reason, cause) -> fail(reason, cause));
    try {
      replica.restore(newest);
    } catch (LostReplicaException e) {
      replica.expectClose();
      replica.close();
      return Optional.of(e.getMessage());
    }
    server.add(replica);
    ReplicaFiles files = files(spec);
    hosted.put(
        spec.number(),
        new Hosted(
            replica, new ReplicaCheckpoints(replica, store(files), config, files.journal())));
    return Optional.empty();
  }

  private ReplicaFiles files(GroupSpec spec) {
    return new ReplicaFiles(config.directory(), spec);
  }

  private CheckpointStore store(ReplicaFiles files) {
    return new CheckpointStore(config.disk(), files.checkpoints(), files.spec().id());
  }

  public int brokerId() {
    return config.brokerId();
  }

  /** A replica as it is now. */
  public ReplicaStatus status(int group) {
    Hosted found = hosted.get(group);
    return found == null || ended.get() ? ReplicaStatus.ABSENT : found.replica().status();
  }

  /** Takes a checkpoint of a group's replica now; it is durable when this returns. */
  public void checkpoint(int group) throws IOException {
    Hosted found = hosted.get(group);
    if (found != null) {
      checkpointing(
          () -> {
            found.checkpoints().take();
            return null;
          });
    }
  }

  /** Does it on the chores thread; what fails there must never be forced again. */
  private <T> T checkpointing(Callable<T> work) throws IOException {
    try {
      return chores.call(work);
    } catch (LostReplicaException e) {
      throw e;
    } catch (IOException e) {
      if (!ended.get()) {
        fail("checkpoint failed", e);
      }
      throw e;
    }
  }

  /** Rebuilds a replica from its leader, in the background; once at a time. */
  void rebuild(int group) {
    if (!ended.get()) {
      rebuilds.start(brokerId(), group, () -> rebuildNow(config.network().spec(group)));
    }
  }

  private void rebuildNow(GroupSpec spec) {
    try {
      Unhosted before = unhost(spec);
      ReplicaRebuild rebuild = new ReplicaRebuild(config.disk(), files(spec));
      while (!ended.get()) {
        Optional<ReplicaSource> source = sourceOf(spec, before.journalEnd());
        if (source.isEmpty()) {
          rebuilds.pause();
          continue;
        }
        try (ReplicaSource from = source.get()) {
          String leader = config.network().peerId(from.brokerId()).toString();
          rebuild.copy(from, before.owned(), leader, ended::get);
          rebuild.finish();
          Optional<String> loss = host(spec, store(files(spec)).newest());
          if (loss.isEmpty()) {
            rebuilds.await(() -> ended.get() || status(spec.number()).sureOfWhatItShows());
            return;
          }
          log.warn("rebuilt replica is not whole, again: {}", loss.get());
        } catch (IOException e) {
          log.warn("rebuild failed, again: broker={} group={}", brokerId(), spec.number(), e);
        }
        rebuilds.pause();
      }
    } catch (IOException | RuntimeException e) {
      fail("rebuild of group " + spec.number() + " failed", e);
    }
  }

  /** Takes the replica out of the server. */
  private Unhosted unhost(GroupSpec spec) throws IOException {
    Hosted found = hosted.remove(spec.number());
    if (found == null) {
      return new Unhosted(List.of(), TermIndex.INITIAL_VALUE);
    }
    List<Path> owned = chores.call(() -> found.replica().state().ownedDirectories());
    found.replica().disown();
    found.replica().expectClose();
    return new Unhosted(owned, server.remove(found.replica()));
  }

  private Optional<ReplicaSource> sourceOf(GroupSpec spec, TermIndex journalEnd)
      throws IOException {
    Optional<RaftBroker> leader =
        config
            .network()
            .group(spec.number())
            .leadership()
            .flatMap(leads -> config.network().broker(leads.brokerId()));
    return leader.isPresent() ? leader.get().source(spec.number(), journalEnd) : Optional.empty();
  }

  /**
   * Pins what another broker's replica, whose journal ended there, may be rebuilt from; nothing
   * while there is no such thing.
   */
  Optional<ReplicaSource> source(int group, TermIndex journalEnd) throws IOException {
    Hosted found = hosted.get(group);
    if (found == null || ended.get() || !found.replica().mayReplace(journalEnd)) {
      return Optional.empty();
    }
    Checkpoint checkpoint = checkpointing(found.checkpoints()::pin);
    return Optional.of(
        new LocalReplicaSource(
            config,
            checkpoint,
            found.replica().status().term(),
            () ->
                checkpointing(
                    () -> {
                      found.checkpoints().unpin(checkpoint);
                      return null;
                    })));
  }

  /** Ends cleanly: hands leadership over, takes the last checkpoints, closes. */
  public void stop() {
    if (!ended.get()) {
      try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
        hosted
            .values()
            .forEach(found -> each.execute(() -> server.transfer().handOver(found.replica())));
      }
    }
    close();
  }

  /** Ends as if its machine were lost: off the network first, nothing handed over. */
  public void crash() {
    if (ended.compareAndSet(false, true)) {
      leave();
      closeAll();
    } else {
      awaitClosed();
    }
  }

  private void fail(String reason, Throwable cause) {
    if (ended.compareAndSet(false, true)) {
      log.error("broker failed: broker={} reason={}", brokerId(), reason, cause);
      leave();
      onFailed.failed(brokerId(), reason, cause);
      Thread.ofPlatform().name("ottla-closing-" + brokerId()).start(this::closeAll);
    }
  }

  private void leave() {
    if (server != null) {
      server.leaveNetwork();
    }
    hosted.values().forEach(each -> each.replica().disown());
    config.network().leave(this);
  }

  private void closeAll() {
    chores.close();
    rebuilds.join();
    hosted.values().forEach(each -> each.replica().expectClose());
    if (server != null) {
      server.close();
    }
    closed.countDown();
  }

  private void awaitClosed() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes the last checkpoints and closes, handing nothing over: for the end of a whole cluster.
   * Waits until a failed broker is closed.
   */
  @Override
  public void close() {
    if (!ended.get()) {
      try {
        for (int group : hosted.keySet()) {
          checkpoint(group);
        }
      } catch (IOException | RuntimeException e) {
        log.warn("last checkpoint failed: broker={}", brokerId(), e);
      }
    }
    crash();
  }
}
