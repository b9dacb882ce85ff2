package io.ottla.replication;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings leadership back to the broker that should have it, once that one has caught up. Each
 * broker balances the groups that it leads itself. Used by the broker's chores thread only; each
 * hand-over is on a thread of its own, one at a time for each group.
 */
final class LeaderBalancer {
  private static final Logger log = LoggerFactory.getLogger(LeaderBalancer.class);

  /** So close behind, it catches up within the hand-over. */
  private static final long CLOSE_ENTRIES = 64;

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Map<Integer, Failures> failures = new ConcurrentHashMap<>();
  private final Set<Integer> underWay = ConcurrentHashMap.newKeySet();
  private final ClusterNetwork network;
  private final LeadershipTransfer transfer;

  LeaderBalancer(ClusterNetwork network, LeadershipTransfer transfer) {
    this.network = network;
    this.transfer = transfer;
  }

  /** Looks at a replica; what it does about it, it does on another thread. */
  void balance(GroupReplica replica) {
    GroupSpec spec = replica.spec();
    if (spec.preferredBrokerId() == replica.brokerId()
        || !replica.status().leaderReady()
        || !isClose(replica.status(), spec)) {
      failures.remove(spec.number());
      return;
    }
    Failures before = failures.getOrDefault(spec.number(), Failures.NONE);
    if (before.isOver() && underWay.add(spec.number())) {
      Thread.startVirtualThread(() -> handBack(replica, spec, before));
    }
  }

  private void handBack(GroupReplica replica, GroupSpec spec, Failures before) {
    try {
      RaftPeerId preferred = network.peerId(spec.preferredBrokerId());
      boolean moved = transfer.transfer(replica, preferred, TimeUnit.SECONDS.toMillis(1));
      failures.put(spec.number(), moved ? Failures.NONE : before.oneMore());
      log.info(
          "leadership to preferred broker: group={} from={} to={} done={}",
          spec.number(),
          replica.brokerId(),
          spec.preferredBrokerId(),
          moved);
    } finally {
      underWay.remove(spec.number());
    }
  }

  /** How often a hand-over has failed, and since when: each is tried later than the one before. */
  private record Failures(int count, long lastNanos) {
    static final Failures NONE = new Failures(0, 0);

    boolean isOver() {
      return count == 0
          || System.nanoTime() - lastNanos
              >= Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(count, 10));
    }

    Failures oneMore() {
      return new Failures(count + 1, System.nanoTime());
    }
  }

  /** Asks itself: what a leader remembers of it is from before, while it is being rebuilt. */
  private boolean isClose(ReplicaStatus leader, GroupSpec spec) {
    return network
        .broker(spec.preferredBrokerId())
        .filter(broker -> !broker.isStopping())
        .map(broker -> broker.status(spec.number()))
        .filter(ReplicaStatus::running)
        .filter(preferred -> preferred.stalled().isEmpty() && preferred.sureOfWhatItShows())
        .filter(preferred -> leader.commitIndex() - preferred.commitIndex() <= CLOSE_ENTRIES)
        .isPresent();
  }
}
