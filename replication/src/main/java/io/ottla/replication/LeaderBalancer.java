package io.ottla.replication;

import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeerId;
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
    if (spec.preferredBrokerId() == replica.brokerId()
        || !replica.status().leaderReady()
        || !isClose(replica.status(), spec)) {
      return;
    }
    RaftPeerId preferred = network.peerId(spec.preferredBrokerId());
    boolean moved = transfer.transfer(replica, preferred, TimeUnit.SECONDS.toMillis(1));
    log.info(
        "leadership to preferred broker: group={} from={} to={} done={}",
        spec.number(),
        replica.brokerId(),
        spec.preferredBrokerId(),
        moved);
  }

  /** Asks itself: what a leader remembers of it is from before, while it is being rebuilt. */
  private boolean isClose(ReplicaStatus leader, GroupSpec spec) {
    return network
        .broker(spec.preferredBrokerId())
        .map(broker -> broker.status(spec.number()))
        .filter(ReplicaStatus::running)
        .filter(preferred -> leader.commitIndex() - preferred.commitIndex() <= CLOSE_ENTRIES)
        .isPresent();
  }
}
