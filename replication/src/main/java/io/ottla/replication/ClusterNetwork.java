package io.ottla.replication;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
import org.apache.ratis.server.protocol.TermIndex;

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
  private final VoteGuard votes = new VoteGuard();

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

  /**
   * These brokers are about to be started side by side: no vote counts until each has judged what
   * it holds. For each, {@link #startEnded} must follow, whatever becomes of it.
   */
  public void expectStarts(Collection<Integer> brokerIds) {
    votes.expect(brokerIds);
  }

  /** The broker has started, or will not. */
  public void startEnded(int brokerId) {
    votes.startEnded(brokerId);
  }

  VoteGuard votes() {
    return votes;
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
    if (brokers.remove(broker.brokerId(), broker)) {
      votes.left(broker.brokerId());
    }
  }

  Optional<RaftBroker> broker(int brokerId) {
    return Optional.ofNullable(brokers.get(brokerId));
  }

  private Optional<GroupSpec> spec(RaftGroupId group) {
    return specs.values().stream().filter(spec -> spec.id().equals(group.getUuid())).findAny();
  }

  /**
   * What the members that can be called have forced, by broker. Waits for nobody's disk, however
   * full that journal's queue: a disk that hangs holds up only its own broker.
   */
  Map<Integer, TermIndex> forcedEnds(GroupSpec spec) {
    Map<Integer, TermIndex> ends = new HashMap<>();
    for (int member : spec.memberBrokerIds()) {
      InProcessRpc rpc = rpc(peerId(member));
      if (rpc != null) {
        rpc.connectedReplica(RaftGroupId.valueOf(spec.id()))
            .flatMap(GroupReplica::forcedEnd)
            .ifPresent(end -> ends.put(member, end));
      }
    }
    return ends;
  }

  /** Throws if this vote must not be given. */
  void admitVote(RaftGroupId group, RaftPeerId candidate, RaftPeerId voter, TermIndex last)
      throws IOException {
    GroupSpec spec = spec(group).orElseThrow(() -> new IOException("no group " + group));
    votes.admit(spec, brokerId(candidate), brokerId(voter), last, () -> forcedEnds(spec));
  }

  /**
   * Throws while another member leads. Raft guesses by time whether there is a leader, and guesses
   * wrong on a busy machine: in one process it can be asked. A hand-over asks for no such vote.
   */
  void requireNoLeader(RaftGroupId group, RaftPeerId candidate, long term) throws IOException {
    GroupSpec spec = spec(group).orElseThrow(() -> new IOException("no group " + group));
    for (int member : spec.memberBrokerIds()) {
      InProcessRpc rpc = peerId(member).equals(candidate) ? null : rpc(peerId(member));
      if (rpc != null && rpc.connectedReplica(group).filter(r -> leads(r, term)).isPresent()) {
        throw new IOException("no vote: broker " + member + " leads");
      }
    }
  }

  /** Whether it leads in that term or a later one, and nothing of it stands still. */
  private static boolean leads(GroupReplica replica, long term) {
    ReplicaStatus now = replica.status();
    return now.running()
        && now.term() >= term
        && now.stalled().isEmpty()
        && replica.division().getInfo().isLeader();
  }

  /** What a member has voted is durable when this returns. */
  void forceVote(RaftGroupId group, RaftPeerId member) throws IOException {
    GroupSpec spec = spec(group).orElseThrow(() -> new IOException("no group " + group));
    broker(brokerId(member))
        .orElseThrow(() -> new IOException("no broker " + member))
        .forceVote(spec);
  }

  /** A member has voted: its note is due. */
  void voted(RaftGroupId group, RaftPeerId member) {
    spec(group).ifPresent(spec -> broker(brokerId(member)).ifPresent(b -> b.voted(spec)));
  }

  /** Tells a member that its leader has purged what it needs next. */
  void requestRebuild(RaftPeerId member, RaftGroupId group) {
    spec(group)
        .ifPresent(
            spec ->
                broker(brokerId(member)).ifPresent(broker -> broker.rebuildLagging(spec.number())));
  }
}
