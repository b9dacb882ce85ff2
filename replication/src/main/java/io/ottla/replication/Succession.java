package io.ottla.replication;

import java.io.IOException;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.ProtoUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a group elect its next leader as soon as its leader's broker is gone: in one process that is
 * known, so nobody needs to wait for a time-out. The member that has most stands; the votes are
 * those of any election. If it is not elected, the time-outs do the rest. Stateless.
 */
final class Succession {
  private static final Logger log = LoggerFactory.getLogger(Succession.class);

  private Succession() {}

  /** Asks the best member to stand, without waiting for what comes of it. Never throws. */
  static void begin(ClusterNetwork network, GroupSpec spec, RaftPeerId gone) {
    try {
      Optional<Integer> next = mostAdvanced(network, spec);
      if (next.isPresent()) {
        stand(network, spec, gone, network.peerId(next.get()));
      }
    } catch (IOException | RuntimeException e) {
      log.debug("nobody stands before the time-out: group={}", spec.number(), e);
    }
  }

  private static Optional<Integer> mostAdvanced(ClusterNetwork network, GroupSpec spec) {
    return network.forcedEnds(spec).entrySet().stream()
        .filter(end -> mayLead(network, spec, end.getKey()))
        .max(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .map(Map.Entry::getKey);
  }

  private static boolean mayLead(ClusterNetwork network, GroupSpec spec, int member) {
    return network
        .broker(member)
        .filter(broker -> !broker.isStopping())
        .map(broker -> broker.status(spec.number()))
        .filter(status -> status.running() && status.stalled().isEmpty())
        .isPresent();
  }

  private static void stand(
      ClusterNetwork network, GroupSpec spec, RaftPeerId gone, RaftPeerId next) throws IOException {
    RaftGroupId group = RaftGroupId.valueOf(spec.id());
    InProcessRpc rpc = network.rpc(next);
    if (rpc == null) {
      return;
    }
    TermIndex last = rpc.replica(group).division().getRaftLog().getLastEntryTermIndex();
    if (last == null) {
      return;
    }
    log.info("stands at once: group={} broker={} gone={}", spec.number(), next, gone);
    rpc.stand(
        StartLeaderElectionRequestProto.newBuilder()
            .setServerRequest(
                RaftRpcRequestProto.newBuilder()
                    .setRequestorId(name(gone))
                    .setReplyId(name(next))
                    .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(group))
                    .setCallId(CallId.getAndIncrement()))
            .setLeaderLastEntry(last.toProto())
            .build());
  }

  private static ByteString name(RaftPeerId id) {
    return id.toByteString();
  }
}
