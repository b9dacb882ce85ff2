package io.ottla.replication;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a group's leadership to another member; meanwhile rounds are refused as not appended.
 * Thread-safe.
 */
final class LeadershipTransfer {
  private static final Logger log = LoggerFactory.getLogger(LeadershipTransfer.class);
  private static final long HAND_OVER_MS = 1_000;

  private final RaftServer server;
  private final ClusterNetwork network;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callId = new AtomicLong();

  LeadershipTransfer(RaftServer server, ClusterNetwork network) {
    this.server = server;
    this.network = network;
  }

  /** Waits until the member leads, at most for the time-out. */
  boolean transfer(GroupReplica replica, RaftPeerId to, long timeoutMs) {
    try {
      return server
          .transferLeadershipAsync(
              new TransferLeadershipRequest(
                  clientId,
                  server.getId(),
                  replica.division().getMemberId().getGroupId(),
                  callId.incrementAndGet(),
                  to,
                  timeoutMs))
          .get(timeoutMs + HAND_OVER_MS, TimeUnit.MILLISECONDS)
          .isSuccess();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IOException | ExecutionException | TimeoutException | RuntimeException e) {
      log.debug("transfer failed: group={} to={}", replica.spec().number(), to, e);
      return false;
    }
  }

  /** Hands it to the running member that has most, if there is one. */
  void handOver(GroupReplica replica) {
    if (!replica.status().leaderReady()) {
      return;
    }
    List<RaftBroker> others = new ArrayList<>();
    for (int member : replica.spec().memberBrokerIds()) {
      network.broker(member).filter(b -> b.brokerId() != replica.brokerId()).ifPresent(others::add);
    }
    int group = replica.spec().number();
    others.removeIf(
        broker ->
            broker.isStopping()
                || !broker.status(group).running()
                || !broker.status(group).stalled().isEmpty());
    others.sort(
        Comparator.comparingLong((RaftBroker broker) -> broker.status(group).commitIndex())
            .reversed());
    for (RaftBroker other : others) {
      if (transfer(replica, network.peerId(other.brokerId()), HAND_OVER_MS)) {
        return;
      }
    }
  }
}
