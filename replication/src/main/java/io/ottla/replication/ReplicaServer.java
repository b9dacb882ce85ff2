package io.ottla.replication;

import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.journal.JournalNames;
import io.ottla.replication.journal.Uninterrupted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker's Ratis server, to which replicas are added and from which they go. Thread-safe. */
final class ReplicaServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReplicaServer.class);

  private static final long WAKE_EVERY_MILLIS = 2;

  private final Config config;
  private final RaftServer server;
  private final LeadershipTransfer transfer;
  private final Map<RaftGroupId, GroupReplica> starting;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callId = new AtomicLong();

  private ReplicaServer(Config config, RaftServer server, Map<RaftGroupId, GroupReplica> starting) {
    this.config = config;
    this.server = server;
    this.starting = starting;
    this.transfer = new LeadershipTransfer(server, config.network());
  }

  static ReplicaServer start(Config config) throws IOException {
    Path raft = ReplicaFiles.raft(config.directory());
    config.disk().createDirectories(raft);
    // While it is built, a server adds every group that it finds in its storage directory, before
    // we could judge it: so it gets to know that directory only afterwards.
    RaftProperties properties =
        RaftSettings.properties(config.settings(), config.directory().resolve("no-raft-yet"));
    Map<RaftGroupId, GroupReplica> starting = new ConcurrentHashMap<>();
    RaftServer server =
        RaftServer.newBuilder()
            .setServerId(config.network().peerId(config.brokerId()))
            .setProperties(properties)
            .setParameters(InProcessRpcType.parameters(config.network()))
            .setStateMachineRegistry(starting::get)
            .build();
    RaftSettings.setStorage(properties, raft);
    server.start();
    return new ReplicaServer(config, server, starting);
  }

  LeadershipTransfer transfer() {
    return transfer;
  }

  /** From now on the replica takes part; if it cannot, it is closed. */
  void add(GroupReplica replica) throws IOException {
    RaftGroup group = config.network().raftGroup(replica.spec());
    ReplicaFiles files = new ReplicaFiles(config.directory(), replica.spec());
    boolean format = !config.disk().exists(files.raftGroup());
    starting.put(group.getGroupId(), replica);
    try {
      manage(
          GroupManagementRequest.newAdd(
              clientId, server.getId(), callId.incrementAndGet(), group, format));
      if (format) {
        // Ratis forces files, but never the names of their directories.
        JournalNames.forcePlace(config.disk(), files.journal());
      }
      rpc().open(group.getGroupId(), replica);
    } catch (IOException e) {
      replica.expectClose();
      replica.close();
      throw e;
    } finally {
      starting.remove(group.getGroupId());
    }
  }

  /** Closes the replica; its files stay. Returns the last entry that it can have acked. */
  TermIndex remove(GroupReplica replica) throws IOException {
    RaftGroupId group = RaftGroupId.valueOf(replica.spec().id());
    rpc().close(group);
    TermIndex journalEnd = replica.division().getRaftLog().getLastEntryTermIndex();
    manage(
        GroupManagementRequest.newRemove(
            clientId, server.getId(), callId.incrementAndGet(), group, false, false));
    return journalEnd == null ? TermIndex.INITIAL_VALUE : journalEnd;
  }

  private void manage(GroupManagementRequest request) throws IOException {
    try {
      RaftClientReply reply = server.groupManagementAsync(request).get();
      if (!reply.isSuccess()) {
        throw new IOException("refused: " + request, reply.getException());
      }
    } catch (ExecutionException e) {
      throw new IOException("failed: " + request, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted: " + request, e);
    }
  }

  void leaveNetwork() {
    rpc().close();
  }

  private InProcessRpc rpc() {
    return (InProcessRpc) server.getServerRpc();
  }

  /**
   * Ratis closes its replicas one after the other, and each waits up to a second for the thread of
   * its journal to look up: so they are closed side by side first, and those threads are woken.
   */
  @Override
  public void close() {
    List<DivisionClose> closing = new ArrayList<>();
    try {
      for (RaftGroupId group : server.getGroupIds()) {
        closing.add(DivisionClose.start(server.getDivision(group)));
      }
    } catch (IOException e) {
      log.warn("replicas did not close side by side: broker={}", config.brokerId(), e);
    }
    Uninterrupted.await(
        () -> {
          while (!closing.isEmpty()) {
            closing.forEach(DivisionClose::help);
            closing.removeIf(DivisionClose::isDone);
            TimeUnit.MILLISECONDS.sleep(WAKE_EVERY_MILLIS);
          }
        });
    try {
      server.close();
    } catch (IOException e) {
      log.warn("server did not close cleanly: broker={}", config.brokerId(), e);
    }
  }
}
