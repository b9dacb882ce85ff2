package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.GroupReplica.Captured;
import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.ReplicatedState.LostReplicaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one replica's checkpoints and purges its journal behind them. Used by the broker's chores
 * thread only.
 *
 * <p>Two checkpoints are kept, and either must be enough to start from: one of them may rot. So
 * what is older than both may go, nothing else: the files that neither names, and the journal up to
 * the older one. On a quiet replica the newest is written once more, in the place of the older one.
 * Files stay while a rebuild pins a checkpoint that names them. The journal is not purged past what
 * the slowest member has committed, until it has {@link ReplicationSettings#keepForLaggingBytes} or
 * {@link ReplicationSettings#keptEntries}; then that member will be rebuilt.
 */
final class ReplicaCheckpoints {
  private static final Logger log = LoggerFactory.getLogger(ReplicaCheckpoints.class);

  private final GroupReplica replica;
  private final CheckpointStore store;
  private final Disk disk;
  private final Path journal;
  private final ClusterNetwork network;
  private final ReplicationSettings settings;
  private final Deque<Captured> notYetReleased = new ArrayDeque<>();
  private final List<Long> pinned = new ArrayList<>();
  private final int keptEntries;
  private long takenAtNanos = System.nanoTime();

  /** The indexes of those that may be started from, at most two, the older first; -1 for none. */
  private long older = -1;

  private long newest;

  ReplicaCheckpoints(GroupReplica replica, CheckpointStore store, Config broker, Path journal) {
    this.replica = replica;
    this.store = store;
    this.disk = broker.disk();
    this.journal = journal;
    this.network = broker.network();
    this.settings = broker.settings();
    int replicas = 0;
    for (GroupSpec spec : network.groups()) {
      replicas += spec.memberBrokerIds().size();
    }
    this.keptEntries = settings.keptEntries(replicas);
    // Files that only an older one named went when the replica was restored.
    this.newest = replica.newestCheckpoint().getIndex();
  }

  /** Takes one if enough was journalled, or enough time has gone by since something was. */
  void takeIfDue() throws IOException {
    boolean full =
        replica.journalledBytes() >= settings.checkpointEveryBytes()
            || replica.status().appliedIndex() - newest >= keptEntries / 4;
    boolean old = System.nanoTime() - takenAtNanos >= settings.checkpointEvery().toNanos();
    boolean wanted = replica.journalledBytes() > 0 || (newest >= 0 && older < newest);
    if (full || (old && wanted)) {
      try {
        take(true);
      } catch (LostReplicaException e) {
        log.debug("no checkpoint: group={}", replica.spec().number(), e);
      }
    }
  }

  /** The newest checkpoint is that of now when this returns. */
  void take() throws IOException {
    take(false);
  }

  /**
   * @param again whether to write it once more if nothing has been applied since the newest
   */
  private void take(boolean again) throws IOException {
    Captured captured = replica.capture();
    takenAtNanos = System.nanoTime();
    long index = captured.at().getIndex();
    if (index > newest || (again && index >= 0)) {
      captured.capture().force();
      Checkpoint checkpoint =
          new Checkpoint(
              replica.spec().id(),
              captured.at().getTerm(),
              index,
              captured.capture().files(),
              ByteBuffer.wrap(captured.capture().state()));
      if (index > newest) {
        store.write(checkpoint);
      } else {
        store.writeAgain(checkpoint);
      }
      replica.checkpointed(captured.at());
      older = newest;
      newest = index;
      store.keep(older, newest);
      notYetReleased.add(captured);
      log.debug("checkpoint: group={} at={}", replica.spec().number(), captured.at());
    }
    release();
    purge();
  }

  /** Keeps the newest checkpoint's files, and the journal behind it, until {@link #unpin}. */
  Checkpoint pin() throws IOException {
    take();
    Optional<Checkpoint> checkpoint = newestOnDisk();
    if (checkpoint.isEmpty()) {
      take(true); // it has rotted: written once more, from memory
      checkpoint = newestOnDisk();
    }
    pinned.add(
        checkpoint.orElseThrow(() -> new IOException("nothing applied, or damaged")).index());
    return checkpoint.get();
  }

  private Optional<Checkpoint> newestOnDisk() throws IOException {
    return store.newest().filter(found -> found.index() == newest);
  }

  void unpin(Checkpoint checkpoint) throws IOException {
    pinned.remove(checkpoint.index());
    release();
  }

  /** What is behind this index is needed by nobody: neither by a start nor by a rebuild. */
  private long neededFrom() {
    long from = older;
    for (long index : pinned) {
      from = Math.min(from, index);
    }
    return from;
  }

  private void release() throws IOException {
    long from = neededFrom();
    while (!notYetReleased.isEmpty() && notYetReleased.peek().at().getIndex() <= from) {
      notYetReleased.remove().capture().durable();
    }
  }

  private void purge() throws IOException {
    RaftServer.Division division = replica.division();
    if (division == null || !division.getRaftLog().isOpened()) {
      return;
    }
    long upTo = neededFrom();
    RaftLog kept = division.getRaftLog();
    if (journalBytes() < settings.keepForLaggingBytes()
        && kept.getNextIndex() - kept.getStartIndex() <= keptEntries) {
      upTo = Math.min(upTo, slowestCommit(division));
    }
    // The entry before the first one that is sent must be known: one more is kept.
    if (upTo > 1) {
      var _ = kept.purge(upTo - 1);
    }
  }

  private long journalBytes() throws IOException {
    long bytes = 0;
    for (Path path : disk.list(journal)) {
      if (path.getFileName().toString().startsWith("log_") && disk.exists(path)) {
        bytes += disk.sizeBytes(path);
      }
    }
    return bytes;
  }

  /** What every member is known to have committed, -1 if one was never heard of. */
  private long slowestCommit(RaftServer.Division division) {
    Map<RaftPeerId, Long> known = new HashMap<>();
    for (CommitInfoProto info : division.getCommitInfos()) {
      known.put(RaftPeerId.valueOf(info.getServer().getId()), info.getCommitIndex());
    }
    long slowest = Long.MAX_VALUE;
    for (int member : replica.spec().memberBrokerIds()) {
      slowest = Math.min(slowest, known.getOrDefault(network.peerId(member), -1L));
    }
    return slowest;
  }
}
