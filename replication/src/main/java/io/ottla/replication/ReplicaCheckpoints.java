package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.GroupReplica.Captured;
import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.ReplicatedState.Capture;
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
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one replica's checkpoints and purges its journal behind them. Used by the broker's chores
 * thread only.
 *
 * <p>What a checkpoint does not name any more goes when the checkpoint is durable and no rebuild
 * pins an older one. The journal is purged up to the newest durable checkpoint, but not past what
 * the slowest member has committed, until it has grown to {@link
 * ReplicationSettings#keepForLaggingBytes}.
 */
final class ReplicaCheckpoints {
  private static final Logger log = LoggerFactory.getLogger(ReplicaCheckpoints.class);

  private final GroupReplica replica;
  private final CheckpointStore store;
  private final Disk disk;
  private final Path journal;
  private final ClusterNetwork network;
  private final ReplicationSettings settings;
  private final Deque<Capture> notYetReleased = new ArrayDeque<>();
  private final List<Long> pinned = new ArrayList<>();
  private long takenAtNanos = System.nanoTime();

  ReplicaCheckpoints(GroupReplica replica, CheckpointStore store, Config broker, Path journal) {
    this.replica = replica;
    this.store = store;
    this.disk = broker.disk();
    this.journal = journal;
    this.network = broker.network();
    this.settings = broker.settings();
  }

  /** Takes one if enough was journalled, or enough time has gone by since something was. */
  void takeIfDue() throws IOException {
    boolean full = replica.journalledBytes() >= settings.checkpointEveryBytes();
    boolean old =
        System.nanoTime() - takenAtNanos >= settings.checkpointEvery().toNanos()
            && replica.journalledBytes() > 0;
    if (full || old) {
      try {
        take();
      } catch (LostReplicaException e) {
        log.debug("no checkpoint: group={}", replica.spec().number(), e);
      }
    }
  }

  /** The newest checkpoint is that of now when this returns. */
  void take() throws IOException {
    Captured captured = replica.capture();
    takenAtNanos = System.nanoTime();
    if (captured.at().getIndex() > replica.newestCheckpoint().getIndex()) {
      captured.capture().force();
      store.write(
          new Checkpoint(
              replica.spec().id(),
              captured.at().getTerm(),
              captured.at().getIndex(),
              captured.capture().files(),
              ByteBuffer.wrap(captured.capture().state())));
      replica.checkpointed(captured.at());
      notYetReleased.add(captured.capture());
      log.debug("checkpoint: group={} at={}", replica.spec().number(), captured.at());
    }
    release();
    purge();
  }

  /** Keeps the newest checkpoint's files, and the journal behind it, until {@link #unpin}. */
  Checkpoint pin() throws IOException {
    take();
    Checkpoint checkpoint =
        store.newest().orElseThrow(() -> new IOException("nothing applied yet"));
    pinned.add(checkpoint.index());
    return checkpoint;
  }

  void unpin(Checkpoint checkpoint) throws IOException {
    pinned.remove(checkpoint.index());
    release();
  }

  private void release() throws IOException {
    while (pinned.isEmpty() && !notYetReleased.isEmpty()) {
      notYetReleased.remove().durable();
    }
  }

  private void purge() throws IOException {
    RaftServer.Division division = replica.division();
    if (division == null || !division.getRaftLog().isOpened()) {
      return;
    }
    long upTo = replica.newestCheckpoint().getIndex();
    if (journalBytes() < settings.keepForLaggingBytes()) {
      upTo = Math.min(upTo, slowestCommit(division));
    }
    for (long index : pinned) {
      upTo = Math.min(upTo, index);
    }
    // The entry before the first one that is sent must be known: one more is kept.
    if (upTo > 1) {
      var _ = division.getRaftLog().purge(upTo - 1);
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
