package io.ottla.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * The brokers of one cluster that run in this process, as they see each other; and the place where
 * a group's leader is found. It outlives its brokers. Thread-safe.
 *
 * <p>A broker that is not here does not exist for the others: two clusters in one JVM never meet.
 */
public final class ClusterNetwork {
  private final UUID clusterId;
  private final Map<Integer, GroupSpec> specs = new TreeMap<>();
  private final Map<Integer, LedGroup> groups = new TreeMap<>();
  private final ConcurrentMap<RaftPeerId, InProcessRpc> rpcs = new ConcurrentHashMap<>();
  private final ConcurrentMap<Integer, RaftBroker> brokers = new ConcurrentHashMap<>();

  public ClusterNetwork(UUID clusterId, List<GroupSpec> specs) {
    this.clusterId = clusterId;
    for (GroupSpec spec : specs) {
      if (this.specs.put(spec.number(), spec) != null) {
        throw new IllegalArgumentException("two groups have the number " + spec.number());
      }
      groups.put(spec.number(), new LedGroup(spec.number()));
    }
  }

  public UUID clusterId() {
    return clusterId;
  }

  /** All groups, by number. */
  public List<GroupSpec> groups() {
    return List.copyOf(specs.values());
  }

  /** The group as its users see it; works while at least one member runs here. */
  public ReplicationGroup group(int number) {
    return ledGroup(number);
  }

  LedGroup ledGroup(int number) {
    LedGroup group = groups.get(number);
    if (group == null) {
      throw new IllegalArgumentException("no group " + number);
    }
    return group;
  }

  GroupSpec spec(int number) {
    return specs.get(number);
  }

  /** The groups that have a replica on this broker. */
  List<GroupSpec> groupsOf(int brokerId) {
    List<GroupSpec> found = new ArrayList<>(specs.values());
    found.removeIf(spec -> !spec.memberBrokerIds().contains(brokerId));
    return found;
  }

  /** Unique in the JVM: Ratis names threads, locks and beans by it. */
  RaftPeerId peerId(int brokerId) {
    return RaftPeerId.valueOf(clusterId + "-" + brokerId);
  }

  private int brokerId(RaftPeerId peerId) {
    String name = peerId.toString();
    return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
  }

  /** All members with equal priority: Ratis enforces unequal ones only on idle leaders. */
  RaftGroup raftGroup(GroupSpec spec) {
    List<RaftPeer> peers = new ArrayList<>();
    for (int brokerId : spec.memberBrokerIds()) {
      peers.add(RaftPeer.newBuilder().setId(peerId(brokerId)).build());
    }
    return RaftGroup.valueOf(RaftGroupId.valueOf(spec.id()), peers);
  }

  void join(InProcessRpc rpc) {
    rpcs.put(rpc.id(), rpc);
  }

  void leave(InProcessRpc rpc) {
    rpcs.remove(rpc.id(), rpc);
  }

  /** Null while that broker is not here. */
  InProcessRpc rpc(RaftPeerId id) {
    return rpcs.get(id);
  }

  void join(RaftBroker broker) {
    if (brokers.putIfAbsent(broker.brokerId(), broker) != null) {
      throw new IllegalStateException("broker " + broker.brokerId() + " runs already");
    }
  }

  void leave(RaftBroker broker) {
    brokers.remove(broker.brokerId(), broker);
  }

  Optional<RaftBroker> broker(int brokerId) {
    return Optional.ofNullable(brokers.get(brokerId));
  }

  /** Tells a member that its leader has purged what it needs next. */
  void requestRebuild(RaftPeerId member, RaftGroupId group) {
    for (GroupSpec spec : specs.values()) {
      if (spec.id().equals(group.getUuid())) {
        broker(brokerId(member)).ifPresent(broker -> broker.rebuild(spec.number()));
      }
    }
  }
}
