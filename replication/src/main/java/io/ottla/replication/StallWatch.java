package io.ottla.replication;

import io.ottla.replication.Watchdog.Work;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one broker's replicas and chores. A replica whose journal or apply stands still says so,
 * and hands its leadership over. If it leads still after twice the bound, its broker is failed: off
 * the network, the others elect. So is a broker with a candidate whose election has died.
 * Thread-safe.
 */
final class StallWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StallWatch.class);

  /** Half the bound: with a quick disk a candidate asks twice a second or more often. */
  private static final int ELECTION_LOOKS = Watchdog.LOOKS / 2;

  private final Collection<HostedReplica> hosted;
  private final Chores chores;
  private final LeadershipTransfer transfer;
  private final BiConsumer<String, Throwable> fail;
  private final Watchdog watchdog;
  private final Set<Integer> handingOver = ConcurrentHashMap.newKeySet();

  /** Key of a work. */
  private record Key(GroupReplica replica, String what) {}

  /**
   * @param hosted the broker's replicas that take part, as they come and go
   * @param fail ends the broker
   */
  StallWatch(
      RaftBroker.Config config,
      Collection<HostedReplica> hosted,
      Chores chores,
      LeadershipTransfer transfer,
      BiConsumer<String, Throwable> fail) {
    this.hosted = hosted;
    this.chores = chores;
    this.transfer = transfer;
    this.fail = fail;
    this.watchdog =
        new Watchdog(
            config.brokerId(),
            config.settings().stalledAfter().toNanos(),
            this::works,
            () -> hosted.forEach(each -> each.replica().pulse().probeJournal()));
  }

  void start() {
    watchdog.start();
  }

  private List<Work> works() {
    List<Work> works = new ArrayList<>();
    for (HostedReplica each : hosted) {
      GroupReplica replica = each.replica();
      works.add(work(replica, "apply", replica.pulse()::applyStep));
      works.add(work(replica, "journal", replica.pulse()::journalStep));
      works.add(
          work(replica, "journal lock", () -> replica.pulse().probeStep(watchdog.probeStep())));
      works.add(election(replica));
    }
    works.add(
        new Work(
            chores,
            "checkpoint or chore",
            chores::step,
            Watchdog.LOOKS,
            bounds ->
                hosted.forEach(
                    each -> each.replica().pulse().stalled("checkpoint or chore", bounds > 0))));
    return works;
  }

  private Work work(GroupReplica replica, String what, Supplier<OptionalLong> step) {
    String name = what + " of group " + replica.spec().number();
    return new Work(
        new Key(replica, what),
        name,
        step,
        Watchdog.LOOKS,
        bounds -> onStalled(replica, what, bounds));
  }

  /** A candidate asks again after each time-out, whoever hears it; unless its election has died. */
  private Work election(GroupReplica replica) {
    int group = replica.spec().number();
    return new Work(
        new Key(replica, "election"),
        "election of group " + group,
        replica.pulse()::electionStep,
        ELECTION_LOOKS,
        bounds -> {
          if (bounds > 0) {
            failed("election of group " + group + " is lost", new LostElectionException(group));
          }
        });
  }

  /** Not on the watchdog's thread: whoever is told may block. */
  private void failed(String reason, Throwable cause) {
    Thread.startVirtualThread(() -> fail.accept(reason, cause));
  }

  private void onStalled(GroupReplica replica, String what, int bounds) {
    replica.pulse().stalled(what, bounds > 0);
    if (bounds == 0 || !replica.isLeading()) {
      return;
    }
    if (bounds >= 2) {
      failed(what + " of group " + replica.spec().number() + " stands still", null);
    } else if (handingOver.add(replica.spec().number())) {
      Thread.startVirtualThread(() -> handOver(replica));
    }
  }

  private void handOver(GroupReplica replica) {
    try {
      log.warn(
          "handing leadership over: broker={} group={}",
          replica.brokerId(),
          replica.spec().number());
      transfer.handOver(replica);
    } finally {
      handingOver.remove(replica.spec().number());
    }
  }

  @Override
  public void close() {
    watchdog.close();
  }
}
