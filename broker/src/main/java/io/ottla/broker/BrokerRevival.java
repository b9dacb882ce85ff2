package io.ottla.broker;

import io.ottla.broker.ClusterDescription.BrokerState;
import io.ottla.broker.SpaceWatch.Level;
import io.ottla.replication.GroupSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts brokers again that failed for want of something, once it is there; and ends brokers
 * cleanly whose disk is full, as long as every group of theirs has a majority without them. Used by
 * the cluster's life cycle only.
 */
final class BrokerRevival {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerRevival.class);
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long WELL_AFTER_NANOS = Duration.ofMinutes(1).toNanos();

  /** What a broker opens while it starts, with much to spare. */
  private static final int NEEDED_DESCRIPTORS = 32;

  private final List<Broker> brokers;
  private final List<GroupSpec> groups;
  private final SpaceWatch space;
  private final IntSupplier freeDescriptors;
  private final LongSupplier nanoTime;
  private final Map<Integer, Attempt> attempts = new HashMap<>();

  /**
   * When a broker was started last, how long to wait should it fail again, and whether it was on a
   * full disk: such an attempt says nothing of one with room.
   */
  private record Attempt(long atNanos, long pauseNanos, boolean onBallast) {}

  BrokerRevival(
      List<Broker> brokers,
      List<GroupSpec> groups,
      SpaceWatch space,
      IntSupplier freeDescriptors,
      LongSupplier nanoTime) {
    this.brokers = brokers;
    this.groups = groups;
    this.space = space;
    this.freeDescriptors = freeDescriptors;
    this.nanoTime = nanoTime;
  }

  /** Does what is due; whether a broker came or went. */
  boolean look() {
    boolean changed = false;
    for (Broker broker : brokers) {
      if (broker.state() == BrokerState.WAITING && isDue(broker)) {
        revive(broker);
        changed = true;
      } else if (broker.state() == BrokerState.RUNNING
          && level(broker) == Level.BELOW_FLOOR
          && isDispensable(broker)) {
        LOG.warn("broker steps aside, its disk is full: broker={}", broker.id());
        broker.stepAside("its disk is full");
        changed = true;
      }
    }
    return changed;
  }

  private boolean isDue(Broker broker) {
    Attempt last = lastThatCounts(broker);
    return isCauseGone(broker)
        && (last == null || nanoTime.getAsLong() - last.atNanos() >= last.pauseNanos());
  }

  /** Null if there was none. */
  private Attempt lastThatCounts(Broker broker) {
    Attempt last = attempts.get(broker.id());
    boolean hasRoomNow = level(broker) != Level.BELOW_FLOOR;
    return last != null && last.onBallast() && hasRoomNow ? null : last;
  }

  private boolean isCauseGone(Broker broker) {
    return broker
        .failure()
        .flatMap(BrokerFailure::waitsFor)
        .map(
            want ->
                switch (want) {
                  case SPACE -> level(broker) != Level.BELOW_FLOOR || canRunOnBallast(broker);
                  case DESCRIPTORS -> freeDescriptors.getAsInt() >= NEEDED_DESCRIPTORS;
                })
        .orElse(false);
  }

  /** Whether its groups need it, and what its ballast left is enough for a start. */
  private boolean canRunOnBallast(Broker broker) {
    SpaceWatch.Reading reading = space.of(broker.id());
    long ballastBytes = Ballast.bytesFor(reading.reserveBytes());
    return ballastBytes > 0 && reading.usableBytes() >= ballastBytes / 2 && !isDispensable(broker);
  }

  private void revive(Broker broker) {
    long nowNanos = nanoTime.getAsLong();
    Attempt last = lastThatCounts(broker);
    boolean wasWell = last == null || nowNanos - last.atNanos() > WELL_AFTER_NANOS;
    long pauseNanos =
        wasWell ? FIRST_PAUSE_NANOS : Math.min(2 * last.pauseNanos(), LONGEST_PAUSE_NANOS);
    attempts.put(
        broker.id(), new Attempt(nowNanos, pauseNanos, level(broker) == Level.BELOW_FLOOR));
    LOG.info("broker is started again, what it waited for is there: broker={}", broker.id());
    try {
      broker.startAgain();
    } catch (IOException | RuntimeException | Error e) {
      LOG.warn("broker cannot start again yet: broker={}", broker.id(), e);
    }
  }

  private boolean isDispensable(Broker broker) {
    for (GroupSpec group : groups) {
      List<Integer> members = group.memberBrokerIds();
      if (!members.contains(broker.id())) {
        continue;
      }
      long others =
          members.stream().filter(id -> id != broker.id() && isSound(brokers.get(id - 1))).count();
      if (others <= members.size() / 2) {
        return false;
      }
    }
    return true;
  }

  private boolean isSound(Broker broker) {
    return broker.state() == BrokerState.RUNNING && level(broker) != Level.BELOW_FLOOR;
  }

  private Level level(Broker broker) {
    return space.of(broker.id()).level();
  }
}
