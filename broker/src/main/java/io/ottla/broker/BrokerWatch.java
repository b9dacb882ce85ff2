package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.loop.RecurringTask;
import io.ottla.disk.Disk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks several times a second what room the brokers' disks have, and has the cluster's life cycle
 * do what follows from it for brokers that wait or should step aside. One thread of its own, which
 * a disk that hangs may hold up.
 */
final class BrokerWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerWatch.class);

  /** Short, as a quick disk loses gigabytes of room in a second. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final SpaceWatch space;
  private final List<Broker> brokers;
  private final List<Ballast> ballasts;
  private final BrokerRevival revival;
  private final Executor lifeCycle;
  private final Runnable onChange;
  private final RecurringTask task;

  /** One step in the life cycle's queue is enough. */
  private final AtomicBoolean queued = new AtomicBoolean();

  /**
   * @param lifeCycle the thread that starts and ends brokers
   * @param onChange told on that thread that a broker came or went; must be quick
   */
  BrokerWatch(
      String cluster,
      Disk disk,
      SpaceWatch space,
      List<Broker> brokers,
      BrokerRevival revival,
      Executor lifeCycle,
      Runnable onChange) {
    this.space = space;
    this.brokers = brokers;
    this.ballasts = brokers.stream().map(broker -> new Ballast(disk, broker.directory())).toList();
    this.revival = revival;
    this.lifeCycle = lifeCycle;
    this.onChange = onChange;
    this.task = new RecurringTask("broker-watch-" + cluster, PAUSE, this::look);
  }

  void start() {
    task.start(Thread.ofPlatform().daemon());
  }

  private void look() {
    space.look();
    for (int i = 0; i < ballasts.size(); i++) {
      Broker broker = brokers.get(i);
      boolean runs = broker.state() == BrokerState.RUNNING;
      ballasts.get(i).tend(space.of(broker.id()), runs);
    }
    if (isSomethingDue() && queued.compareAndSet(false, true)) {
      try {
        lifeCycle.execute(this::tend);
      } catch (RejectedExecutionException e) {
        LOG.debug("the cluster has ended", e);
      }
    }
  }

  private boolean isSomethingDue() {
    if (!space.isRoomy()) {
      return true;
    }
    for (Broker broker : brokers) {
      if (broker.state() == BrokerState.WAITING) {
        return true;
      }
    }
    return false;
  }

  private void tend() {
    queued.set(false);
    if (revival.look()) {
      onChange.run();
    }
  }

  /** Why brokers have failed or wait, in brackets; empty if none has. */
  String whyBrokersAreAway() {
    List<String> away = new ArrayList<>();
    for (Broker broker : brokers) {
      broker
          .failure()
          .filter(_ -> broker.refusal().isEmpty())
          .ifPresent(failure -> away.add("broker " + broker.id() + ": " + failure.wireReason()));
    }
    return away.isEmpty() ? "" : " (" + String.join("; ", away) + ")";
  }

  @Override
  public void close() {
    task.close();
  }
}
