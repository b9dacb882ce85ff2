package io.ottla.broker.produce;

import io.ottla.broker.DataGroup;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.produce.AppendOutcome.Appended;
import io.ottla.broker.produce.AppendOutcome.Known;
import io.ottla.broker.produce.AppendOutcome.NotAppended;
import io.ottla.broker.produce.AppendOutcome.Reason;
import io.ottla.broker.produce.AppendOutcome.Unknown;
import io.ottla.metadata.Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The way of shares of one topic to their data groups, until each is settled or the time is over.
 * What is certainly not appended for want of a leader is tried again, and so is what may have been,
 * if its claim makes that safe. Used once, by the request's thread.
 */
final class Delivery {
  private static final long FIRST_PAUSE_NANOS = 2_000_000;
  private static final long LONGEST_PAUSE_NANOS = 50_000_000;

  private final ServingCluster cluster;
  private final Topic topic;
  private final List<Share> shares;
  private final long deadlineNanos;

  /** Element k is about share k. */
  private final PendingAppend[] pending;

  /** Likewise; null while it is on its way. */
  private final AppendOutcome[] outcomes;

  private final NotAppended[] refusedBefore;

  /** Not null once a try may have appended it, whatever becomes of those after it. */
  private final Unknown[] perhapsBefore;

  /**
   * @param shares at least one, each of another partition
   */
  Delivery(ServingCluster cluster, Topic topic, List<Share> shares, long deadlineNanos) {
    this.cluster = cluster;
    this.topic = topic;
    this.shares = shares;
    this.deadlineNanos = deadlineNanos;
    this.pending = new PendingAppend[shares.size()];
    this.outcomes = new AppendOutcome[shares.size()];
    this.refusedBefore = new NotAppended[shares.size()];
    this.perhapsBefore = new Unknown[shares.size()];
  }

  /**
   * What became of each share, in their order. If one is too large, or there is no room for it,
   * none is sent: its element says so, and the others are null.
   */
  List<AppendOutcome> deliver() {
    for (int k = 0; k < pending.length; k++) {
      Optional<String> shortage = dataGroup(k).shortage();
      if (shortage.isPresent()) {
        outcomes[k] = new NotAppended(Reason.DISK_FULL, shortage.get());
        return Arrays.asList(outcomes);
      }
    }
    for (int k = 0; k < pending.length; k++) {
      pending[k] = accumulator(k).prepare(shares.get(k));
      if (pending[k].isSettled()) {
        outcomes[k] = pending[k].await();
        return Arrays.asList(outcomes);
      }
    }
    long pauseNanos = FIRST_PAUSE_NANOS;
    while (sendAndAwait()) {
      LockSupport.parkNanos(Math.min(pauseNanos, deadlineNanos - System.nanoTime()));
      pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
    }
    return Arrays.asList(outcomes);
  }

  private DataGroup dataGroup(int k) {
    return cluster.dataGroup(topic.groupOfPartition().get(shares.get(k).partition()));
  }

  private Accumulator accumulator(int k) {
    return dataGroup(k).accumulator();
  }

  /** Sends what is to be sent, all at once, then waits for it; true if some must be sent again. */
  private boolean sendAndAwait() {
    send();
    boolean again = false;
    for (int k = 0; k < pending.length; k++) {
      if (outcomes[k] == null) {
        outcomes[k] = inTheLightOfEarlierOnes(k, pending[k].await());
        again |= isToSend(k);
      }
    }
    return again && System.nanoTime() < deadlineNanos && !Thread.currentThread().isInterrupted();
  }

  /** Queues what is to be sent, each data group's shares at once: they go in the same round. */
  private void send() {
    if (pending.length == 1) {
      outcomes[0] = null;
      accumulator(0).enqueue(List.of(pending[0]));
      return;
    }
    Map<Accumulator, List<PendingAppend>> byGroup = new HashMap<>();
    for (int k = 0; k < pending.length; k++) {
      if (outcomes[k] == null || isToSend(k)) {
        outcomes[k] = null;
        byGroup.computeIfAbsent(accumulator(k), _ -> new ArrayList<>()).add(pending[k]);
      }
    }
    byGroup.forEach(Accumulator::enqueue);
  }

  /**
   * A share that an earlier try may have appended is not certainly not appended, whatever the last
   * one says. Why it was refused before says more than that its time then ended in the queue.
   */
  private AppendOutcome inTheLightOfEarlierOnes(int k, AppendOutcome outcome) {
    return switch (outcome) {
      case Appended appended -> appended;
      case Known known -> known;
      case Unknown unknown -> {
        perhapsBefore[k] = unknown;
        yield unknown;
      }
      case NotAppended said -> {
        NotAppended refused = said.reason() == Reason.NO_LEADER ? orDiskFull(k, said) : said;
        NotAppended before = refusedBefore[k];
        refusedBefore[k] =
            before != null && refused.reason() == Reason.TIMED_OUT ? before : refused;
        yield perhapsBefore[k] != null && !saysWhatWasBefore(refused.reason())
            ? perhapsBefore[k]
            : refusedBefore[k];
      }
    };
  }

  /** There may be no leader because the brokers have no room: then it need not be tried again. */
  private NotAppended orDiskFull(int k, NotAppended refused) {
    return dataGroup(k)
        .shortage()
        .map(shortage -> new NotAppended(Reason.DISK_FULL, shortage))
        .orElse(refused);
  }

  private static boolean saysWhatWasBefore(Reason reason) {
    return reason == Reason.SEQUENCE_TOO_OLD || reason == Reason.PRODUCER_EXPIRED;
  }

  private boolean isToSend(int k) {
    return switch (outcomes[k]) {
      case Appended appended -> false;
      case Known known -> false;
      case Unknown unknown -> shares.get(k).claim().isPresent();
      case NotAppended notAppended ->
          switch (notAppended.reason()) {
            case NO_LEADER, TERM_CHANGED -> true;
            case NO_SUCH_PARTITION -> cluster.view().topic(topic.id()).isPresent();
            case OVERLOADED,
                DISK_FULL,
                TOO_LARGE,
                INVALID_BATCH,
                TIMED_OUT,
                FAILED,
                SEQUENCE_TOO_OLD,
                PRODUCER_EXPIRED,
                CLOSED ->
                false;
          };
    };
  }
}
