package io.ottla.replication;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One broker's replicas: one Ratis server with a division for each of its groups. Thread-safe. */
public final class RaftBroker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RaftBroker.class);

  private final Config config;
  private final IntFunction<ReplicatedState> stateOfGroup;
  private final FailureListener onFailed;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callId = new AtomicLong();
  private final Map<RaftGroupId, GroupReplica> replicas = new ConcurrentHashMap<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private RaftServer server;

  /**
   * What a broker needs.
   *
   * @param brokerId unique in its cluster
   * @param directory the broker's; {@code raft/}, {@code checkpoints/} and {@code rebuild/} below
   *     it are ours
   * @param network its cluster's
   * @param disk for checkpoints and rebuilds; the journal itself is written by Ratis
   * @param clock gives entries their append time
   * @param settings limits and time-outs
   * @param known whether this broker has been a member before: then a missing journal is a lost
   *     disk, to be rebuilt from the others, never a fresh start
   */
  public record Config(
      int brokerId,
      Path directory,
      ClusterNetwork network,
      Disk disk,
      InstantSource clock,
      ReplicationSettings settings,
      boolean known) {
    Path raftDirectory() {
      return directory.resolve("raft");
    }
  }

  private RaftBroker(
      Config config, IntFunction<ReplicatedState> stateOfGroup, FailureListener onFailed) {
    this.config = config;
    this.stateOfGroup = stateOfGroup;
    this.onFailed = onFailed;
  }

  /**
   * Starts the broker's replicas.
   *
   * @param stateOfGroup makes the state of a group's replica; asked again, for a new instance, when
   *     a replica was rebuilt
   * @param onFailed told if this broker must not go on
   */
  public static RaftBroker start(
      Config config, IntFunction<ReplicatedState> stateOfGroup, FailureListener onFailed)
      throws IOException {
    RaftBroker broker = new RaftBroker(config, stateOfGroup, onFailed);
    config.network().join(broker);
    try {
      broker.startServer();
      for (GroupSpec spec : config.network().groupsOf(config.brokerId())) {
        broker.openGroup(spec);
      }
    } catch (IOException | RuntimeException e) {
      broker.crash();
      throw e;
    }
    return broker;
  }

  private void startServer() throws IOException {
    config.disk().createDirectories(config.raftDirectory());
    // While it is built, a server adds every group that it finds, before we could look at it.
    RaftProperties properties =
        RaftSettings.properties(config.settings(), config.directory().resolve("none"));
    server =
        RaftServer.newBuilder()
            .setServerId(config.network().peerId(config.brokerId()))
            .setProperties(properties)
            .setParameters(InProcessRpcType.parameters(config.network()))
            .setStateMachineRegistry(replicas::get)
            .build();
    RaftSettings.setStorage(properties, config.raftDirectory());
    server.start();
  }

  private void openGroup(GroupSpec spec) throws IOException {
    GroupReplica replica =
        new GroupReplica(
            config.brokerId(),
            spec,
            stateOfGroup.apply(spec.number()),
            config.network().ledGroup(spec.number()),
            config.clock(),
            (id, reason, cause) -> fail(reason, cause));
    CheckpointStore store =
        new CheckpointStore(
            config.disk(),
            config.directory().resolve("checkpoints").resolve(Integer.toString(spec.number())),
            spec.id());
    replica.restore(store.newest());
    boolean format = !config.disk().exists(config.raftDirectory().resolve(spec.id().toString()));
    addGroup(replica, config.network().raftGroup(spec), format);
  }

  private void addGroup(GroupReplica replica, RaftGroup group, boolean format) throws IOException {
    replicas.put(group.getGroupId(), replica);
    GroupManagementRequest request =
        GroupManagementRequest.newAdd(
            clientId, server.getId(), callId.incrementAndGet(), group, format);
    try {
      RaftClientReply reply = server.groupManagementAsync(request).get();
      if (!reply.isSuccess()) {
        throw new IOException("group not started: " + group, reply.getException());
      }
    } catch (ExecutionException e) {
      throw new IOException("group not started: " + group, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting " + group, e);
    }
  }

  public int brokerId() {
    return config.brokerId();
  }

  /** A replica as it is now. */
  public ReplicaStatus status(int group) {
    for (GroupReplica replica : replicas.values()) {
      if (replica.spec().number() == group) {
        return replica.status();
      }
    }
    return ReplicaStatus.ABSENT;
  }

  void rebuild(int group) {
    log.warn("rebuild wanted: broker={} group={}", brokerId(), group);
  }

  /** Takes a checkpoint of a group's replica now; it is durable when this returns. */
  public void checkpoint(int group) throws IOException {}

  /** Ends cleanly: hands leadership over, takes the last checkpoints, closes. */
  public void stop() {
    crash();
  }

  /** Ends as if its machine were lost: off the network first, nothing handed over. */
  public void crash() {
    if (ended.compareAndSet(false, true)) {
      leave();
      closeServer();
    }
  }

  private void fail(String reason, Throwable cause) {
    if (ended.compareAndSet(false, true)) {
      log.error("broker failed: broker={} reason={}", brokerId(), reason, cause);
      leave();
      onFailed.failed(brokerId(), reason, cause);
      Thread.ofPlatform().name("ottla-closing-" + brokerId()).start(this::closeServer);
    }
  }

  private void leave() {
    if (server != null) {
      ((InProcessRpc) server.getServerRpc()).close();
    }
    replicas.values().forEach(GroupReplica::disown);
    config.network().leave(this);
  }

  private void closeServer() {
    if (server == null) {
      return;
    }
    try {
      server.close();
    } catch (IOException e) {
      log.warn("server did not close cleanly: broker={}", brokerId(), e);
    }
  }

  @Override
  public void close() {
    stop();
  }
}
