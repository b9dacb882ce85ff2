package io.ottla.replication;

import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings leadership back to the broker that should have it, once that one has caught up. Each
 * broker balances the groups that it leads itself. Used by the broker's chores thread only.
 */
final class LeaderBalancer {
  private static final Logger log = LoggerFactory.getLogger(LeaderBalancer.class);

  /** So close behind, it catches up within the hand-over. */
  private static final long CLOSE_ENTRIES = 64;

  private final ClusterNetwork network;
  private final LeadershipTransfer transfer;

  LeaderBalancer(ClusterNetwork network, LeadershipTransfer transfer) {
    this.network = network;
    this.transfer = transfer;
  }

  void balance(GroupReplica replica) {
    GroupSpec spec = replica.spec();
    RaftPeerId preferred = network.peerId(spec.preferredBrokerId());
    if (spec.preferredBrokerId() == replica.brokerId()
        || !replica.status().leaderReady()
        || network.rpc(preferred) == null
        || !isClose(replica.division(), preferred)) {
      return;
    }
    boolean moved = transfer.transfer(replica, preferred, TimeUnit.SECONDS.toMillis(1));
    log.info(
        "leadership to preferred broker: group={} from={} to={} done={}",
        spec.number(),
        replica.brokerId(),
        spec.preferredBrokerId(),
        moved);
  }

  private static boolean isClose(RaftServer.Division division, RaftPeerId member) {
    long own = division.getRaftLog().getLastCommittedIndex();
    for (CommitInfoProto info : division.getCommitInfos()) {
      if (RaftPeerId.valueOf(info.getServer().getId()).equals(member)) {
        return own - info.getCommitIndex() <= CLOSE_ENTRIES;
      }
    }
    return false;
  }
}
