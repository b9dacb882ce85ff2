package io.ottla.replication;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
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

  @Override
  public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
    return target(request.getServerRequest()).server.requestVote(request);
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
