package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.ReplicaJudge.Judgement;
import io.ottla.replication.ReplicaRebuilds.Unhosted;
import io.ottla.replication.ReplicaSource.Needed;
import io.ottla.replication.ReplicatedState.LostReplicaException;
import io.ottla.replication.journal.AckNotes;
import io.ottla.replication.journal.GroupNote;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
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
  private final ReplicaRebuilds rebuilds;
  private final Map<Integer, HostedReplica> hosted = new ConcurrentHashMap<>();
  private final AckNotes notes;
  private final DurableVotes votes;
  private final NoteKeeper keeper;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean stopping;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile ReplicaServer server;
  private volatile StallWatch watch;

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

  private RaftBroker(
      Config config,
      AckNotes notes,
      IntFunction<ReplicatedState> stateOfGroup,
      FailureListener onFailed) {
    this.config = config;
    this.notes = notes;
    this.votes = new DurableVotes(config.disk());
    this.keeper = new NoteKeeper(config, notes, hosted.values());
    this.stateOfGroup = stateOfGroup;
    this.onFailed = onFailed;
    this.chores = new Chores(config.brokerId(), e -> fail("checkpoint failed", e));
    this.rebuilds = new ReplicaRebuilds(config, new Home());
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
    try {
      config.disk().createDirectories(config.directory());
      AckNotes notes = AckNotes.open(config.disk(), config.directory(), config.brokerId());
      return start(new RaftBroker(config, notes, stateOfGroup, onFailed), config);
    } finally {
      config.network().startEnded(config.brokerId());
    }
  }

  private static RaftBroker start(RaftBroker broker, Config config) throws IOException {
    try {
      config.network().join(broker);
    } catch (IllegalStateException e) {
      broker.notes.close();
      throw e;
    }
    try {
      broker.keeper.publish();
      broker.server = ReplicaServer.start(config);
      ReplicaRebuild.finishAll(config, broker.notes);
      for (GroupSpec spec : config.network().groupsOf(config.brokerId())) {
        broker.open(spec);
      }
      broker.keeper.start(e -> broker.fail("noting what was acked failed", e));
      broker.startChores();
      return broker;
    } catch (Throwable e) {
      broker.crash();
      throw e;
    }
  }

  private void startChores() {
    LeaderBalancer balancer = new LeaderBalancer(config.network(), server.transfer());
    watch = new StallWatch(config, hosted.values(), chores, server.transfer(), this::fail);
    watch.start();
    chores.every(
        CHORES_EVERY_MS,
        () -> {
          for (HostedReplica each : hosted.values()) {
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
    Judgement judged = new ReplicaJudge(config, notes).judge(spec);
    VoteGuard votes = config.network().votes();
    Optional<String> loss = judged.loss();
    if (loss.isEmpty()) {
      votes.judged(brokerId(), spec.number(), judged.end(), judged.unsure());
      loss = host(spec, judged.newest());
    }
    loss.ifPresent(
        reason -> {
          log.warn(
              "replica has lost something: broker={} group={} reason={}",
              brokerId(),
              spec.number(),
              reason);
          votes.lost(brokerId(), spec.number());
          rebuild(spec.number());
        });
  }

  /** Returns what was lost, if its state says so. */
  private Optional<String> host(GroupSpec spec, Optional<Checkpoint> newest) throws IOException {
    GroupReplica replica =
        new GroupReplica(
            brokerId(),
            spec,
            config.disk(),
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
        new HostedReplica(
            replica, new ReplicaCheckpoints(replica, store(files), config, files.journal())));
    config.network().votes().hosted(brokerId(), spec.number());
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

  /** Whether it is about to end in good order: nobody may hand it a leadership. */
  boolean isStopping() {
    return stopping;
  }

  /** A replica as it is now. */
  public ReplicaStatus status(int group) {
    HostedReplica found = hosted.get(group);
    return found == null || ended.get() ? ReplicaStatus.ABSENT : found.replica().status();
  }

  /** Takes a checkpoint of a group's replica now; it is durable when this returns. */
  public void checkpoint(int group) throws IOException {
    HostedReplica found = hosted.get(group);
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

  /** Takes a replica out and rebuilds it from another's, in the background; once at a time. */
  void rebuild(int group) {
    rebuilds.start(group);
  }

  /** The same for one whose leader has purged what it needs next: it votes until the copy is. */
  void rebuildLagging(int group) {
    rebuilds.startLagging(group);
  }

  /** What a rebuild needs of this broker. */
  private final class Home implements ReplicaRebuilds.Home {
    @Override
    public Unhosted unhost(GroupSpec spec) throws IOException {
      VoteGuard votes = config.network().votes();
      votes.lost(brokerId(), spec.number());
      TermIndex acked = votes.mayHaveAcked(spec.number(), brokerId());
      HostedReplica found = hosted.remove(spec.number());
      List<Path> owned = chores.call(() -> state(found, spec).ownedDirectories());
      if (found == null) {
        return new Unhosted(owned, acked, true);
      }
      found.replica().disown();
      found.replica().expectClose();
      return new Unhosted(owned, GroupNote.later(server.remove(found.replica()), acked), false);
    }

    @Override
    public Optional<String> hostAgain(GroupSpec spec) throws IOException {
      Optional<Checkpoint> newest = store(files(spec)).newest();
      TermIndex end = newest.map(Checkpoint::place).orElse(TermIndex.INITIAL_VALUE);
      new ReplicaJudge(config, notes).mendVote(spec, end);
      Optional<String> loss = host(spec, newest);
      if (loss.isEmpty()) {
        config.network().votes().judged(brokerId(), spec.number(), end, false);
        config.network().votes().hosted(brokerId(), spec.number());
      }
      return loss;
    }

    @Override
    public AckNotes notes() {
      return notes;
    }

    @Override
    public FileCheck fileCheck(GroupSpec spec, byte[] checkpoint) throws IOException {
      return state(hosted.get(spec.number()), spec).fileCheck(checkpoint);
    }

    private ReplicatedState state(HostedReplica found, GroupSpec spec) {
      return found == null ? stateOfGroup.apply(spec.number()) : found.replica().state();
    }

    @Override
    public ReplicaStatus status(int group) {
      return RaftBroker.this.status(group);
    }

    @Override
    public TermIndex journalEnd(int group) {
      HostedReplica found = hosted.get(group);
      return found == null ? TermIndex.INITIAL_VALUE : found.replica().journalEnd();
    }

    @Override
    public boolean hasEnded() {
      return ended.get();
    }

    @Override
    public void fail(String reason, Throwable cause) {
      RaftBroker.this.fail(reason, cause);
    }
  }

  /**
   * Pins what another broker's replica may be rebuilt from; nothing while there is no such thing.
   */
  Optional<ReplicaSource> source(int group, Needed needed) throws IOException {
    HostedReplica found = hosted.get(group);
    if (found == null || ended.get()) {
      return Optional.empty();
    }
    ReplicaStatus status = found.replica().status();
    long least = needed.lost() ? found.replica().countedUpTo() : -1;
    TermIndex reached = TermIndex.valueOf(status.term(), status.appliedIndex());
    if (!status.running()
        || (needed.lost() && !status.leaderReady())
        || status.appliedIndex() < Math.max(0, least)
        || !needed.isMetBy(reached)) {
      return Optional.empty();
    }
    Checkpoint checkpoint = checkpointing(found.checkpoints()::pin);
    LocalReplicaSource source =
        new LocalReplicaSource(
            config,
            checkpoint,
            () ->
                checkpointing(
                    () -> {
                      found.checkpoints().unpin(checkpoint);
                      return null;
                    }));
    if (checkpoint.index() >= least && needed.isMetBy(checkpoint.place())) {
      return Optional.of(source);
    }
    source.close();
    return Optional.empty();
  }

  /** Ends cleanly: hands leadership over, takes the last checkpoints, closes. */
  public void stop() {
    stopping = true;
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

  /** What a replica has just voted is durable when this returns. */
  void forceVote(GroupSpec spec) throws IOException {
    try {
      votes.force(spec.number(), files(spec).journal());
    } catch (ClosedByInterruptException e) {
      throw e; // The election is over, and says so to whoever still votes: the vote does not count.
    } catch (IOException e) {
      fail("a vote could not be forced", e);
      throw e;
    }
  }

  /** A replica has voted: its note is due now. */
  void voted(GroupSpec spec) {
    keeper.voted(spec);
  }

  private void fail(String reason, Throwable cause) {
    if (ended.compareAndSet(false, true)) {
      log.error("broker failed: broker={} reason={}", brokerId(), reason, cause);
      try {
        leave();
        onFailed.failed(brokerId(), reason, cause);
      } catch (RuntimeException | Error e) {
        // Not to the caller: Ratis closes a replica whose apply throws, and we close it, too.
        log.error("failure was not told: broker={}", brokerId(), e);
      } finally {
        Thread.ofPlatform().name("ottla-closing-" + brokerId()).start(this::closeAll);
      }
    }
  }

  private void leave() {
    List<GroupSpec> led =
        hosted.values().stream()
            .map(HostedReplica::replica)
            .filter(GroupReplica::isLeading)
            .map(GroupReplica::spec)
            .toList();
    if (server != null) {
      server.leaveNetwork();
    }
    hosted.values().forEach(each -> each.replica().disown());
    ClusterNetwork network = config.network();
    network.leave(this);
    for (GroupSpec spec : led) {
      Thread.startVirtualThread(() -> Succession.begin(network, spec, network.peerId(brokerId())));
    }
  }

  private void closeAll() {
    try {
      hosted.values().forEach(each -> each.replica().expectClose());
      if (watch != null) {
        watch.close();
      }
      chores.close();
      rebuilds.join();
      hosted.values().forEach(each -> each.replica().expectClose());
      if (server != null) {
        server.close();
      }
    } finally {
      closeNotes();
      closed.countDown();
    }
  }

  private void closeNotes() {
    try {
      notes.close();
    } catch (IOException e) {
      log.warn("notes did not close cleanly: broker={}", brokerId(), e);
    }
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
    stopping = true;
    if (!ended.get()) {
      try {
        for (int group : hosted.keySet()) {
          checkpoint(group);
        }
        keeper.now();
      } catch (IOException | RuntimeException e) {
        log.warn("last checkpoint failed: broker={}", brokerId(), e);
      }
    }
    crash();
  }
}
