package io.ottla.replication;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * The transport between brokers of one process: method calls. Ratis makes it by its class name and
 * gets the cluster's {@link ClusterNetwork} as a parameter, so that two clusters never meet.
 * Stateless.
 */
public final class InProcessRpcType implements RpcType {
  private static final String NETWORK = "ottla.network";

  static Parameters parameters(ClusterNetwork network) {
    Parameters parameters = new Parameters();
    parameters.put(NETWORK, network, ClusterNetwork.class);
    return parameters;
  }

  @Override
  public String name() {
    return "IN_PROCESS";
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(this, parameters.getNonNull(NETWORK, ClusterNetwork.class));
  }

  private record Factory(InProcessRpcType type, ClusterNetwork network) implements ServerFactory {
    @Override
    public RpcType getRpcType() {
      return type;
    }

    @Override
    public RaftServerRpc newRaftServerRpc(RaftServer server) {
      return new InProcessRpc(type, network, server);
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division division, LeaderState leaderState, FollowerInfo follower) {
      InProcessRpc own = (InProcessRpc) division.getRaftServer().getServerRpc();
      return new InProcessAppender(own, division, leaderState, follower);
    }
  }
}
