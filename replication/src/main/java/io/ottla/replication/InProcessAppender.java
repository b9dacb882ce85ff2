package io.ottla.replication;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.AwaitForSignal;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a leader's entries to one follower, one request in flight: what gathers meanwhile goes
 * together in the next. Thread-safe.
 *
 * <h2>Threads</h2>
 *
 * The thread that submitted an entry hands it to the follower's journal itself, and the thread that
 * forced it there handles the reply: against Ratis' own appender this saves six thread switches a
 * round. A thread of its own, asleep otherwise, sends heartbeats, retries, and takes over where the
 * caller holds the division's lock (calling another server under it could dead-lock). It is never
 * interrupted: it may be inside the follower's file I/O.
 *
 * <p>A follower whose next entry is purged here is not sent a snapshot: it is told to rebuild.
 * Meanwhile it gets heartbeats, and its replies count for the leader's majority.
 */
final class InProcessAppender implements LogAppender {
  private static final Logger log = LoggerFactory.getLogger(InProcessAppender.class);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long MAX_WAIT_MS = 250;
  private static final long IN_FLIGHT_CHECK_MS = 50;
  private static final long IN_STEP_ENTRIES = 16;

  private final InProcessRpc own;
  private final RaftServer.Division division;
  private final LeaderState leaderState;
  private final FollowerInfo follower;
  private final RaftGroupId group;
  private final AwaitForSignal signal;
  private final AtomicReference<Attempt> inFlight = new AtomicReference<>();
  private volatile boolean heartbeatWanted;
  private volatile boolean stopped;
  private volatile Thread thread;
  private volatile long retryAtNanos = System.nanoTime();

  /** Whose word about what it needs next has been tried; by whoever handles a reply. */
  private volatile GroupReplica believed;

  InProcessAppender(
      InProcessRpc own,
      RaftServer.Division division,
      LeaderState leaderState,
      FollowerInfo follower) {
    this.own = own;
    this.division = division;
    this.leaderState = leaderState;
    this.follower = follower;
    this.group = division.getGroup().getGroupId();
    this.signal = new AwaitForSignal(follower.getName() + "-appender");
  }

  /** One request; settled exactly once, by its reply or because the follower is gone. */
  private static final class Attempt {
    final InProcessRpc target;
    final GroupReplica replica;
    final AppendEntriesRequestProto request;
    final Timestamp sentAt = Timestamp.currentTime();
    final AtomicBoolean settled = new AtomicBoolean();

    Attempt(InProcessRpc target, GroupReplica replica, AppendEntriesRequestProto request) {
      this.target = target;
      this.replica = replica;
      this.request = request;
    }
  }

  /** Stands for "somebody is building the next request". */
  private static final Attempt BUILDING = new Attempt(null, null, null);

  @Override
  public void start() {
    thread = Thread.ofPlatform().daemon().name(signal.toString()).start(this::run);
  }

  @Override
  public void run() {
    while (isRunning()) {
      try {
        giveUpWhatIsLost();
        sendWhatIsDue();
        leaderState.checkHealth(follower);
        LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(waitMs()));
      } catch (Throwable e) {
        log.warn("appender failed, goes on: follower={}", follower.getName(), e);
        retryAtNanos = System.nanoTime() + RETRY_NANOS;
        failIfError(leader(), e);
      }
    }
  }

  private GroupReplica leader() {
    return (GroupReplica) division.getStateMachine();
  }

  /** An error may have left a replica between two steps: only a new start may judge it. */
  private void failIfError(GroupReplica replica, Throwable e) {
    if (e instanceof Error) {
      replica.fail("sending entries to " + follower.getName() + " failed", e);
    }
  }

  private void wake() {
    LockSupport.unpark(thread);
  }

  private long waitMs() {
    if (inFlight.get() != null) {
      return IN_FLIGHT_CHECK_MS;
    }
    long retryMs = TimeUnit.NANOSECONDS.toMillis(retryAtNanos - System.nanoTime());
    long dueMs = hasAppendEntries() ? 0 : getHeartbeatWaitTimeMs();
    return Math.clamp(Math.max(retryMs, dueMs), 1, MAX_WAIT_MS);
  }

  /**
   * A follower that left the network never answers, nor does a replica that was closed: Ratis drops
   * what its journal still had to force.
   */
  private void giveUpWhatIsLost() {
    Attempt attempt = inFlight.get();
    if (attempt != null && attempt != BUILDING && !isReachable(attempt)) {
      settle(attempt, null, new IOException("connection lost"));
    }
  }

  private boolean isReachable(Attempt attempt) {
    return attempt.target.reaches(group, attempt.replica);
  }

  private void sendWhatIsDue() {
    while (isRunning()
        && shouldSendAppendEntries()
        && System.nanoTime() - retryAtNanos >= 0
        && inFlight.compareAndSet(null, BUILDING)) {
      Attempt attempt;
      try {
        InProcessRpc target = own.peer(follower.getId());
        AppendEntriesRequestProto request = newAppendEntriesRequest(nextCallId(), false);
        attempt = new Attempt(target, target.replica(group), request);
      } catch (Throwable e) {
        retryAtNanos = System.nanoTime() + RETRY_NANOS;
        inFlight.set(null);
        wake();
        log.debug("cannot send: follower={}", follower.getName(), e);
        failIfError(leader(), e);
        return;
      }
      inFlight.set(attempt);
      send(attempt);
    }
  }

  private void send(Attempt attempt) {
    heartbeatWanted = false;
    follower.updateLastRpcSendTime(attempt.request.getEntriesCount() == 0);
    try {
      var _ =
          attempt
              .replica
              .append(attempt.request)
              .whenComplete((reply, failure) -> settle(attempt, reply, failure));
    } catch (Throwable e) {
      settle(attempt, null, e);
      failIfError(attempt.replica, e);
    }
  }

  private void settle(Attempt attempt, AppendEntriesReplyProto reply, Throwable failure) {
    if (!attempt.settled.compareAndSet(false, true)) {
      return;
    }
    boolean goOn = false;
    try {
      // No reply reaches a broker that has left the network, and none counts of a replica that has
      // been closed: when it is rebuilt, it has its journal no more.
      if (failure == null && own.isConnected() && isReachable(attempt)) {
        goOn = handle(attempt, reply);
      } else {
        retryAtNanos = System.nanoTime() + RETRY_NANOS;
        log.debug("append failed: follower={}", follower.getName(), failure);
      }
    } catch (RuntimeException e) {
      if (isReignOver(attempt)) {
        log.debug("reply came after the reign: follower={}", follower.getName(), e);
      } else {
        log.warn("reply not understood: follower={}", follower.getName(), e);
      }
    } catch (Error e) {
      failIfError(leader(), e);
    } finally {
      inFlight.set(null);
    }
    if (goOn && hasAppendEntries() && isInStep()) {
      sendWhatIsDue();
    } else if (!goOn || hasAppendEntries()) {
      wake();
    }
  }

  /** Ratis refuses to count a reply to a leader that a later term has already replaced. */
  private boolean isReignOver(Attempt attempt) {
    return !isRunning() || division.getInfo().getCurrentTerm() > attempt.request.getLeaderTerm();
  }

  /** Returns whether the follower took it, so that the next request may follow at once. */
  private boolean handle(Attempt attempt, AppendEntriesReplyProto reply) {
    follower.updateLastRpcResponseTime();
    follower.updateLastRespondedAppendEntriesSendTime(attempt.sentAt);
    follower.updateCommitIndex(reply.getFollowerCommit());
    boolean success = false;
    switch (reply.getResult()) {
      case SUCCESS -> {
        success = true;
        advance(attempt, reply);
        attempt.replica.heard(getRaftLog().getLastCommittedIndex());
      }
      case NOT_LEADER -> leaderState.onFollowerTerm(follower, reply.getTerm());
      case INCONSISTENCY -> follower.setNextIndex(nextAfterInconsistency(attempt, reply));
      default -> log.warn("unknown reply: follower={} reply={}", follower.getName(), reply);
    }
    leaderState.onAppendEntriesReply(this, reply);
    return success;
  }

  /**
   * Counts what a reply proves. That of a heartbeat proves that the follower has the entry before
   * the next one, but not that it is forced there. So it counts up to what is committed already:
   * that cannot commit anything, but lets a follower of an idle group be seen to have all.
   */
  private void advance(Attempt attempt, AppendEntriesReplyProto reply) {
    AppendEntriesRequestProto request = attempt.request;
    long next = reply.getNextIndex();
    long match = next - 1;
    if (request.getEntriesCount() == 0) {
      long previous = previousIndex(request);
      if (previous < 0 && isPurged(follower.getNextIndex())) {
        findOrRebuild(attempt.replica, reply);
        return;
      }
      next = previous + 1;
      match = Math.min(previous, getRaftLog().getLastCommittedIndex());
    }
    boolean news = follower.updateMatchIndex(match);
    if (next > follower.getNextIndex()) {
      follower.increaseNextIndex(next);
      news = true;
    }
    if (news) {
      leaderState.onFollowerSuccessAppendEntries(follower);
    }
  }

  /**
   * What the follower needs next, as far as is known, is purged here. It may have been rebuilt
   * meanwhile: its own word is tried once. If that does not fit either, it must be rebuilt.
   */
  private void findOrRebuild(GroupReplica replica, AppendEntriesReplyProto reply) {
    long next = Math.min(reply.getNextIndex(), getRaftLog().getNextIndex());
    if (replica != believed && !isPurged(next)) {
      believed = replica;
      follower.setNextIndex(next);
    } else {
      own.network().requestRebuild(follower.getId(), group);
      retryAtNanos = System.nanoTime() + RETRY_NANOS;
    }
  }

  private static long previousIndex(AppendEntriesRequestProto request) {
    return request.hasPreviousLog()
        ? request.getPreviousLog().getIndex()
        : RaftLog.INVALID_LOG_INDEX;
  }

  /** As Ratis' own appender: behind what matched, and never the same first entry again. */
  private long nextAfterInconsistency(Attempt attempt, AppendEntriesReplyProto reply) {
    long first =
        attempt.request.getEntriesCount() > 0
            ? attempt.request.getEntries(0).getIndex()
            : RaftLog.INVALID_LOG_INDEX;
    long next = reply.getNextIndex();
    long behindMatch = follower.getMatchIndex() + 1;
    if (behindMatch > next && behindMatch != first) {
      next = behindMatch;
    }
    return next == first && next > RaftLog.LEAST_VALID_LOG_INDEX ? next - 1 : next;
  }

  @Override
  public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
      throws RaftLogIOException {
    long next = follower.getNextIndex();
    TermIndex previous = getPrevious(next);
    List<LogEntryProto> entries = List.of();
    if (!heartbeat
        && getHeartbeatWaitTimeMs() > 0
        && hasAppendEntries()
        && !isPurged(next, previous)) {
      entries = entriesFrom(next);
    }
    return leaderState.newAppendEntriesRequestProto(follower, entries, previous, callId);
  }

  private boolean isPurged(long next) {
    return isPurged(next, getPrevious(next));
  }

  private boolean isPurged(long next, TermIndex previous) {
    return next < getRaftLog().getStartIndex()
        || (previous == null && next > RaftLog.LEAST_VALID_LOG_INDEX);
  }

  private List<LogEntryProto> entriesFrom(long next) throws RaftLogIOException {
    List<LogEntryProto> entries = new ArrayList<>(2);
    long sizeBytes = 0;
    for (long index = next; index < getRaftLog().getNextIndex(); index++) {
      LogEntryProto entry = getRaftLog().get(index);
      if (entry == null) {
        break;
      }
      sizeBytes += entry.getSerializedSize();
      if (!entries.isEmpty() && sizeBytes > RaftSettings.ENTRY_LIMIT_BYTES) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }

  private static long nextCallId() {
    return CallId.getAndIncrement();
  }

  @Override
  public void notifyLogAppender() {
    if (!Thread.holdsLock(division) && isInStep()) {
      sendWhatIsDue();
    } else if (inFlight.get() == null && hasAppendEntries()) {
      wake();
    }
  }

  /**
   * Whether what it needs is surely in memory. A follower further behind is served by this
   * appender's own thread: that may read journal files, and fill the follower's queue.
   */
  private boolean isInStep() {
    return getRaftLog().getNextIndex() - follower.getNextIndex() <= IN_STEP_ENTRIES;
  }

  @Override
  public void triggerHeartbeat() {
    heartbeatWanted = true;
    wake();
  }

  @Override
  public boolean shouldSendAppendEntries() {
    return heartbeatWanted || LogAppender.super.shouldSendAppendEntries();
  }

  @Override
  public boolean isRunning() {
    return !stopped
        && division.getInfo().isAlive()
        && division.getInfo().isLeader()
        && getRaftLog().isOpened();
  }

  /** What is in flight counts as a message that is late. */
  @Override
  public CompletableFuture<?> stopAsync() {
    stopped = true;
    wake();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public SnapshotInfo shouldInstallSnapshot() {
    return null;
  }

  @Override
  public InstallSnapshotRequestProto newInstallSnapshotNotificationRequest(TermIndex first) {
    throw new IllegalStateException("snapshots are never sent");
  }

  @Override
  public Iterable<InstallSnapshotRequestProto> newInstallSnapshotRequests(
      String requestId, SnapshotInfo snapshot) {
    throw new IllegalStateException("snapshots are never sent");
  }

  @Override
  public RaftServer.Division getServer() {
    return division;
  }

  @Override
  public LeaderState getLeaderState() {
    return leaderState;
  }

  @Override
  public FollowerInfo getFollower() {
    return follower;
  }

  @Override
  public long getCallId() {
    return CallId.get();
  }

  @Override
  public Comparator<Long> getCallIdComparator() {
    return CallId.getComparator();
  }

  @Override
  public AwaitForSignal getEventAwaitForSignal() {
    return signal;
  }
}
