package io.ottla.replication;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.util.ProtoUtils;

/**
 * One broker's end of the in-process transport. Thread-safe.
 *
 * <p>A call runs on the caller's thread inside the target's server. A broker that has left the
 * network neither calls nor is called, whatever its server still does.
 */
final class InProcessRpc implements RaftServerRpc {
  private final RpcType type;
  private final ClusterNetwork network;
  private final RaftServer server;
  private final Map<RaftGroupId, GroupReplica> open = new ConcurrentHashMap<>();
  private volatile boolean connected;

  InProcessRpc(RpcType type, ClusterNetwork network, RaftServer server) {
    this.type = type;
    this.network = network;
    this.server = server;
  }

  boolean isConnected() {
    return connected;
  }

  /** The other end, or an exception as of a dead connection. */
  InProcessRpc peer(RaftPeerId id) throws IOException {
    InProcessRpc peer = network.rpc(id);
    if (!connected || peer == null || !peer.connected) {
      throw new IOException("no connection from " + server.getId() + " to " + id);
    }
    return peer;
  }

  /** This broker's replica has been started. */
  void open(RaftGroupId group, GroupReplica replica) {
    open.put(group, replica);
  }

  /** It is about to be closed. */
  void close(RaftGroupId group) {
    open.remove(group);
  }

  /** This broker's replica of a group, as another broker reaches it. */
  GroupReplica replica(RaftGroupId group) throws IOException {
    GroupReplica replica = open.get(group);
    if (replica == null) {
      throw new IOException("no replica of " + group + " on " + server.getId());
    }
    return replica;
  }

  /** This broker's replica of a group, while it takes part and can be called. */
  Optional<GroupReplica> connectedReplica(RaftGroupId group) {
    return connected ? Optional.ofNullable(open.get(group)) : Optional.empty();
  }

  /** Whether that replica can still be called, and its replies still come. */
  boolean reaches(RaftGroupId group, GroupReplica replica) {
    return connected && open.get(group) == replica;
  }

  ClusterNetwork network() {
    return network;
  }

  RaftPeerId id() {
    return server.getId();
  }

  private InProcessRpc target(RaftRpcRequestProto request) throws IOException {
    return peer(RaftPeerId.valueOf(request.getReplyId()));
  }

  /**
   * Lets the guard decide first; what was voted is noted soon after. Always true: a vote that
   * counts is durable, and so is the candidate's own, which it has written before it asks.
   */
  @Override
  public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
    RaftGroupId group = ProtoUtils.toRaftGroupId(request.getServerRequest().getRaftGroupId());
    GroupReplica candidate = open.get(group);
    if (candidate != null) {
      candidate.pulse().asksForVote();
    }
    InProcessRpc target = target(request.getServerRequest());
    if (request.getPreVote()) {
      network.requireNoLeader(group, id(), request.getCandidateTerm());
    }
    network.admitVote(group, id(), target.id(), TermIndex.valueOf(request.getCandidateLastEntry()));
    if (request.getPreVote()) {
      return target.server.requestVote(request);
    }
    network.forceVote(group, id());
    RequestVoteReplyProto reply = target.server.requestVote(request);
    if (reply.getServerReply().getSuccess()) {
      network.forceVote(group, target.id());
    }
    network.voted(group, id());
    network.voted(group, target.id());
    return reply;
  }

  @Override
  public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request)
      throws IOException {
    return target(request.getServerRequest()).server.appendEntries(request);
  }

  @Override
  public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
      throws IOException {
    return target(request.getServerRequest()).server.startLeaderElection(request);
  }

  /** Has this broker's replica stand for election, in the name of a leader that is gone. */
  void stand(StartLeaderElectionRequestProto request) throws IOException {
    var _ = server.startLeaderElection(request);
  }

  /** Never sent: a replica behind the purge is rebuilt. */
  @Override
  public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request)
      throws IOException {
    throw new IOException("snapshots are not installed over the transport");
  }

  @Override
  public void start() {
    connected = true;
    network.join(this);
  }

  @Override
  public void close() {
    connected = false;
    network.leave(this);
  }

  @Override
  public InetSocketAddress getInetSocketAddress() {
    return null;
  }

  @Override
  public RpcType getRpcType() {
    return type;
  }

  @Override
  public void addRaftPeers(Collection<RaftPeer> peers) {}

  @Override
  public void handleException(RaftPeerId serverId, Exception exception, boolean reconnect) {}
}
