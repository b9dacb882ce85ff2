package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.ReplicatedState.Capture;
import io.ottla.replication.ReplicatedState.LostReplicaException;
import io.ottla.replication.ReplicationGroup.Outcome;
import io.ottla.replication.journal.Envelope;
import io.ottla.replication.journal.GroupNote;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of a group, between Ratis and the state that it replicates: applies entries, marks
 * rounds where they enter the journal, and says when it leads.
 *
 * <h2>Threads</h2>
 *
 * Ratis' updater thread applies, any thread submits, the broker's chores thread captures; {@code
 * applyTurn} keeps applying and capturing apart.
 *
 * <h2>Failure</h2>
 *
 * The first error of the state or of the journal fails the broker: only a new start may judge its
 * files. But if the state says that this replica is lost, it applies nothing more and is rebuilt
 * from the leader; the broker's other replicas go on.
 */
final class GroupReplica extends JournalledState {
  private static final Logger log = LoggerFactory.getLogger(GroupReplica.class);
  private static final String DISOWNED = "its leader's broker has ended";

  private final int brokerId;
  private final GroupSpec spec;
  private final ReplicatedState state;
  private final LedGroup led;
  private final AppendTimes appendTimes;
  private final FailureListener onFailed;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callId = new AtomicLong();
  private final ReentrantLock applyTurn = new ReentrantLock();
  private final AtomicLong journalledBytes = new AtomicLong();
  private final EntryStamps stamps = new EntryStamps();
  private volatile RaftServer.Division division;
  private volatile Checkpointed newest = new Checkpointed(TermIndex.INITIAL_VALUE);
  private volatile long configuredTerm;
  private volatile long heardCommit = -1;
  private volatile boolean closeExpected;
  private volatile boolean disowned;
  private volatile boolean lost;

  private final ReplicaPulse pulse = new ReplicaPulse();

  /** Rounds whose outcome is open. */
  private final Set<Round> open = ConcurrentHashMap.newKeySet();

  /** Why the state must not be touched any more; guarded by {@link #applyTurn}. */
  private Throwable broken;

  GroupReplica(
      int brokerId,
      GroupSpec spec,
      Disk disk,
      ReplicatedState state,
      LedGroup led,
      InstantSource clock,
      FailureListener onFailed) {
    super(disk);
    this.brokerId = brokerId;
    this.spec = spec;
    this.state = state;
    this.led = led;
    this.appendTimes = new AppendTimes(clock);
    this.onFailed = onFailed;
  }

  /** The state at one index, on its way into a checkpoint. */
  record Captured(TermIndex at, Capture capture) {}

  /** What Ratis calls a snapshot; its files are never asked for. */
  private record Checkpointed(TermIndex at) implements SnapshotInfo {
    @Override
    public TermIndex getTermIndex() {
      return at;
    }

    @Override
    public List<FileInfo> getFiles() {
      return List.of();
    }
  }

  int brokerId() {
    return brokerId;
  }

  GroupSpec spec() {
    return spec;
  }

  ReplicatedState state() {
    return state;
  }

  /** Null until it has been added to the server. */
  RaftServer.Division division() {
    return division;
  }

  /** Becomes what the checkpoint says, or empty; called before it is added to the server. */
  void restore(Optional<Checkpoint> checkpoint) throws IOException {
    state.restore(checkpoint.map(Checkpoint::stateBytes));
    checkpoint.ifPresent(
        found -> {
          TermIndex at = TermIndex.valueOf(found.term(), found.index());
          setLastAppliedTermIndex(at);
          newest = new Checkpointed(at);
        });
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage)
      throws IOException {
    super.initialize(server, groupId, storage);
    division = server.getDivision(groupId);
    pulse.of(division);
  }

  CompletableFuture<Outcome> submit(long term, ByteBuffer payload) {
    Round round = new Round(term, payload);
    open.add(round);
    var _ = round.outcome().whenComplete((outcome, failure) -> open.remove(round));
    if (disowned) {
      round.failed(DISOWNED);
      return round.outcome();
    }
    try {
      long call = callId.incrementAndGet();
      RaftClientRequest request =
          RaftClientRequest.newBuilder()
              .setClientId(clientId)
              .setServerId(division.getId())
              .setGroupId(division.getMemberId().getGroupId())
              .setCallId(call)
              .setRepliedCallIds(List.of(call - 1))
              .setMessage(round)
              .setType(RaftClientRequest.writeRequestType())
              .build();
      // The division has the same method as the server, without a thread hop.
      var _ =
          ((RaftClientAsynchronousProtocol) division)
              .submitClientRequestAsync(request)
              .whenComplete((reply, failure) -> finish(round, reply, failure));
    } catch (IOException | RuntimeException e) {
      round.failed(e.toString());
    } catch (Error e) {
      // Between two steps of the journal, perhaps: only a new start may judge it.
      round.failed(e.toString());
      fail("submitting to group " + spec.number() + " failed", e);
    }
    return round.outcome();
  }

  /** Takes a leader's entries or heartbeat; for the transport. */
  CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request)
      throws IOException {
    // The division has the same method as the server, without a look-up.
    return ((RaftServerAsynchronousProtocol) division).appendEntriesAsync(request);
  }

  private static void finish(Round round, RaftClientReply reply, Throwable failure) {
    if (failure != null) {
      round.failed(failure.toString());
    } else if (reply.isSuccess()) {
      ByteBuffer result = reply.getMessage().getContent().asReadOnlyByteBuffer();
      round.applied(reply.getLogIndex(), result);
    } else {
      round.failed(String.valueOf(reply.getException()));
    }
  }

  @Override
  public TransactionContext startTransaction(RaftClientRequest request) {
    Round round = (Round) request.getMessage();
    long commitIndex = division.getRaftLog().getLastCommittedIndex();
    Envelope envelope =
        new Envelope(
            round.term(),
            commitIndex,
            appendTimes.next(),
            OptionalLong.of(stamps.of(round.term())),
            round.getContent());
    return TransactionContext.newBuilder()
        .setStateMachine(this)
        .setClientRequest(request)
        .setLogData(envelope.toBytes())
        .setStateMachineContext(round)
        .build();
  }

  /** Under the journal's lock, directly before the entry gets its index. */
  @Override
  public TransactionContext preAppendTransaction(TransactionContext transaction)
      throws StateMachineException {
    Round round = (Round) transaction.getStateMachineContext();
    long term = division.getInfo().getCurrentTerm();
    if (round.term() != term) {
      throw new StateMachineException(
          "decided in term " + round.term() + ", now it is " + term, false);
    }
    if (!round.mark()) {
      throw new StateMachineException("given up before it was appended", false);
    }
    return transaction;
  }

  /**
   * Never throws, not even an {@link Error}: Ratis would close the replica itself, and its updater
   * spins for ever when someone else closes it at the same time. A state that failed in the middle
   * of an entry is broken before anybody else may look at it, and is left alone from then on: no
   * checkpoint of half an entry, nothing applied twice.
   */
  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    ByteString data = entry.getStateMachineLogEntry().getLogData();
    ByteBuffer result;
    Throwable failure = null;
    applyTurn.lock();
    try {
      if (broken != null) {
        return CompletableFuture.failedFuture(broken);
      }
      pulse.applies(entry.getIndex());
      result = state.apply(decode(entry, data));
      updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    } catch (LostReplicaException e) {
      broken = e;
      lost = true;
      log.warn(
          "replica has lost something: broker={} group={} index={} reason={}",
          brokerId,
          spec.number(),
          entry.getIndex(),
          e.getMessage());
      return CompletableFuture.failedFuture(e);
    } catch (Throwable e) {
      broken = e;
      failure = e;
      result = null;
    } finally {
      pulse.hasApplied();
      applyTurn.unlock();
    }
    if (failure != null) {
      fail("apply failed at index " + entry.getIndex(), failure);
      return CompletableFuture.failedFuture(failure);
    }
    journalledBytes.addAndGet(data.size());
    // Only the leader answers: the others' cache of replies need not hold results.
    boolean answers = transaction.getStateMachineContext() instanceof Round;
    return CompletableFuture.completedFuture(
        answers ? Message.valueOf(UnsafeByteOperations.unsafeWrap(result)) : Message.EMPTY);
  }

  private Entry decode(LogEntryProto entry, ByteString data) throws IOException {
    Envelope envelope =
        Envelope.parse(data)
            .orElseThrow(() -> new IOException("entry " + entry.getIndex() + " is no envelope"));
    appendTimes.applied(envelope.appendTimeMs());
    return new Entry(
        entry.getIndex(),
        entry.getTerm(),
        envelope.appendTimeMs(),
        envelope.payload().asReadOnlyByteBuffer());
  }

  /** Whether its state has said, when it applied an entry, that it must be rebuilt. */
  boolean isLost() {
    return lost;
  }

  /** Copies what a checkpoint of now needs. */
  Captured capture() throws LostReplicaException {
    applyTurn.lock();
    try {
      if (lost) {
        throw new LostReplicaException("no checkpoint of it: " + broken.getMessage());
      }
      if (broken != null) {
        throw new IllegalStateException("state is broken", broken);
      }
      Captured captured = new Captured(getLastAppliedTermIndex(), state.capture());
      journalledBytes.set(0);
      return captured;
    } catch (RuntimeException | Error e) {
      if (broken == null) {
        broken = e;
      }
      throw e;
    } finally {
      applyTurn.unlock();
    }
  }

  /** Applied since the last {@link #capture}. */
  long journalledBytes() {
    return journalledBytes.get();
  }

  /** A checkpoint at this place is durable. */
  void checkpointed(TermIndex at) {
    newest = new Checkpointed(at);
  }

  /** The newest durable checkpoint's place. */
  TermIndex newestCheckpoint() {
    return newest.at();
  }

  @Override
  public SnapshotInfo getLatestSnapshot() {
    Checkpointed now = newest;
    return now.at().equals(TermIndex.INITIAL_VALUE) ? null : now;
  }

  /** A leader, this replica itself perhaps, has said that everything up to here is committed. */
  void heard(long leaderCommit) {
    if (heardCommit < 0) {
      // A group's first leader has committed nothing yet: that, too, is word from a leader.
      heardCommit = Math.max(0, leaderCommit);
    }
  }

  /**
   * The last entry that this leader has counted, or can still count, with another member's acks:
   * what is committed, and what it knows to match. To be asked after that member was closed.
   */
  long countedUpTo() {
    RaftServer.Division now = division;
    if (now == null) {
      return Long.MAX_VALUE;
    }
    long[] matching = now.getInfo().getFollowerMatchIndices();
    long counted = matching == null ? Long.MAX_VALUE : now.getRaftLog().getLastCommittedIndex();
    return matching == null
        ? counted
        : Math.max(counted, LongStream.of(matching).max().orElse(counted));
  }

  /** Where its journal ends; at its checkpoint while it is empty. */
  TermIndex journalEnd() {
    TermIndex last = division.getRaftLog().getLastEntryTermIndex();
    return last == null ? newest.at() : last;
  }

  /**
   * The last entry that is certainly forced here, in the journal or in the newest checkpoint; empty
   * when it takes part no more. Never waits for its disk.
   */
  Optional<TermIndex> forcedEnd() {
    return placeOf(this::forced);
  }

  /** The last entry that is known here to be committed; empty when that cannot be told now. */
  Optional<TermIndex> committed() {
    return placeOf(journal -> journal.getTermIndex(journal.getLastCommittedIndex()));
  }

  private Optional<TermIndex> placeOf(Function<RaftLog, TermIndex> placeIn) {
    RaftServer.Division now = division;
    if (now == null || !now.getInfo().isAlive()) {
      return Optional.empty();
    }
    try {
      TermIndex found = placeIn.apply(now.getRaftLog());
      TermIndex checkpoint = newest.at();
      return Optional.of(found == null ? checkpoint : GroupNote.later(found, checkpoint));
    } catch (IllegalStateException e) {
      return Optional.empty(); // Ratis has closed its journal meanwhile
    }
  }

  ReplicaStatus status() {
    RaftServer.Division now = division;
    if (now == null || lost || !now.getInfo().isAlive()) {
      return ReplicaStatus.ABSENT;
    }
    long applied = getLastAppliedTermIndex().getIndex();
    boolean leads = now.getInfo().isLeader() && now.getInfo().isLeaderReady();
    return new ReplicaStatus(
        true,
        applied,
        now.getRaftLog().getLastCommittedIndex(),
        now.getInfo().getCurrentTerm(),
        leads,
        leads || (heardCommit >= 0 && applied >= heardCommit),
        pulse.stalled());
  }

  @Override
  public void notifyConfigurationChanged(
      long term, long index, RaftConfigurationProto configuration) {
    configuredTerm = term;
  }

  /** Comes directly behind the configuration entry with which every leader begins its term. */
  @Override
  public void notifyLeaderReady() {
    heard(getLastAppliedTermIndex().getIndex());
    if (!lost) {
      led.leads(this, configuredTerm);
    }
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    led.leadsNoMore(this);
  }

  /**
   * Its word counts no more, whatever its server still says. Rounds get no answer from it any more,
   * however long its disk hangs.
   */
  void disown() {
    led.leadsNoMore(this);
    disowned = true; // whoever adds a round after this sees it
    open.forEach(round -> round.failed(DISOWNED));
  }

  /** What tells whether it goes on. */
  ReplicaPulse pulse() {
    return pulse;
  }

  /** Whether it leads, as far as its server knows. Never blocks. */
  boolean isLeading() {
    RaftServer.Division now = division;
    return now != null && now.getInfo().isLeader();
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto failedEntry) {
    fail("journal of group " + spec.number() + " failed", cause);
  }

  /** Ends the broker: something may be half done here. */
  void fail(String reason, Throwable cause) {
    onFailed.failed(brokerId, reason, cause);
  }

  /** The next {@link #close} is wanted. */
  void expectClose() {
    closeExpected = true;
  }

  /** Ratis closes a replica by itself after some errors, without another word. */
  @Override
  public void close() throws IOException {
    if (!closeExpected) {
      fail("replica of group " + spec.number() + " closed itself", null);
    }
    state.close();
  }
}
