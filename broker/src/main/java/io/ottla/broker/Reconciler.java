package io.ottla.broker;

import io.ottla.broker.loop.Loop;
import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.PartitionConfig;
import io.ottla.broker.store.PartitionStore;
import io.ottla.metadata.ClusterView;
import io.ottla.metadata.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes each data group hold exactly the partitions that the metadata wants: compares the leader's
 * partitions with the view and submits idempotent creates, alterations and drops until they match.
 * One thread of its own per cluster; it waits until something changed.
 *
 * <p>Safe to run against any view that is current: a topic's UUID is never used again, so a
 * partition whose topic is not in the view was deleted.
 */
final class Reconciler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final int COMMANDS_PER_ENTRY = 500;

  private final ServingCluster cluster;
  private final Loop loop;
  private final Nudge nudge = new Nudge();
  private final Object monitor = new Object();
  private boolean closed; // guarded by monitor
  private long passes; // guarded by monitor

  Reconciler(ServingCluster cluster) {
    this.cluster = cluster;
    this.loop = Loop.on(Thread.ofVirtual(), "reconciler-" + cluster.name(), this::turn);
  }

  void start() {
    loop.start();
  }

  /** Something changed: look again soon. Never blocks. */
  void nudge() {
    nudge.give();
  }

  /** How many passes are done. */
  long passes() {
    synchronized (monitor) {
      return passes;
    }
  }

  /** Waits until more than {@code seen} passes are done, or the deadline. */
  void awaitPassAfter(long seen, long deadlineNanos) throws InterruptedException {
    synchronized (monitor) {
      long remaining = deadlineNanos - System.nanoTime();
      while (passes <= seen && !closed && remaining > 0) {
        TimeUnit.NANOSECONDS.timedWait(monitor, remaining);
        remaining = deadlineNanos - System.nanoTime();
      }
    }
  }

  /** Whether the leader of each of the topic's partitions has it as the view wants it. */
  boolean isServed(Topic topic) {
    for (int partition = 0; partition < topic.partitions(); partition++) {
      DataGroup group = cluster.dataGroup(topic.groupOfPartition().get(partition));
      Optional<PartitionStore> store = group.leaderStore();
      if (store.isEmpty() || store.get().partition(topic.id(), partition).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** Whether no group's leader has a partition of this topic any more. */
  boolean isGone(Topic topic) {
    for (int number : new HashSet<>(topic.groupOfPartition())) {
      Optional<PartitionStore> store = cluster.dataGroup(number).leaderStore();
      if (store.isEmpty()
          || store.get().partitions().stream().anyMatch(p -> p.topicId().equals(topic.id()))) {
        return false;
      }
    }
    return true;
  }

  private boolean turn() throws InterruptedException {
    nudge.await(IDLE);
    pass();
    return !isClosed();
  }

  private boolean isClosed() {
    synchronized (monitor) {
      return closed;
    }
  }

  private void pass() {
    if (cluster.viewIsCurrent()) {
      for (DataGroup group : cluster.dataGroups()) {
        reconcileOrComplain(group);
      }
    }
    synchronized (monitor) {
      passes++;
      monitor.notifyAll();
    }
  }

  /** One group's trouble must not keep the others: the next pass tries again. */
  private void reconcileOrComplain(DataGroup group) {
    try {
      reconcile(group);
    } catch (RuntimeException | Error e) {
      LOG.error("not reconciled: cluster={} group={}", cluster.name(), group.number(), e);
    }
  }

  private void reconcile(DataGroup group) {
    Optional<PartitionStore> store = group.leaderStore();
    if (store.isEmpty()) {
      return;
    }
    List<DataCommand> commands = difference(group.number(), store.get(), cluster.view());
    for (int from = 0; from < commands.size(); from += COMMANDS_PER_ENTRY) {
      List<DataCommand> part =
          commands.subList(from, Math.min(from + COMMANDS_PER_ENTRY, commands.size()));
      var outcome = group.accumulator().submitAndAwait(part);
      LOG.debug(
          "reconciled: cluster={} group={} commands={} outcome={}",
          cluster.name(),
          group.number(),
          part.size(),
          outcome);
    }
  }

  private static List<DataCommand> difference(int group, PartitionStore store, ClusterView view) {
    List<DataCommand> commands = new ArrayList<>();
    Set<PartitionWaiters.PartitionId> wanted = new HashSet<>();
    for (Topic topic : view.topics()) {
      PartitionConfig config = PartitionConfig.of(topic.config());
      for (int partition = 0; partition < topic.partitions(); partition++) {
        if (topic.groupOfPartition().get(partition) != group) {
          continue;
        }
        wanted.add(new PartitionWaiters.PartitionId(topic.id(), partition));
        var replica = store.partition(topic.id(), partition);
        if (replica.isEmpty()) {
          commands.add(
              new DataCommand.CreatePartition(topic.id(), topic.name(), partition, config));
        } else if (!replica.get().config().equals(config)) {
          commands.add(new DataCommand.AlterPartition(topic.id(), partition, config));
        }
      }
    }
    // First, so that a topic made again finds its directory's name free.
    List<DataCommand> drops = new ArrayList<>();
    for (var replica : store.partitions()) {
      if (!wanted.contains(
          new PartitionWaiters.PartitionId(replica.topicId(), replica.partition()))) {
        drops.add(new DataCommand.DropPartition(replica.topicId(), replica.partition()));
      }
    }
    drops.addAll(commands);
    return drops;
  }

  @Override
  public void close() {
    synchronized (monitor) {
      closed = true;
      monitor.notifyAll();
    }
    nudge.give();
  }
}
