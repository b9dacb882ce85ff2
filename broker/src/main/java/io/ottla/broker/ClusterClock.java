package io.ottla.broker;

import io.ottla.broker.loop.RecurringTask;
import io.ottla.broker.time.ClockFile;
import io.ottla.broker.time.GuardedClock;
import io.ottla.broker.time.TimeSource;
import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster's guarded clock and the file that it goes on from after a restart, {@code clock} in the
 * cluster's directory. One thread of its own keeps what the clock knows every minute. Thread-safe.
 */
final class ClusterClock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterClock.class);
  private static final Duration KEEP_EVERY = Duration.ofMinutes(1);
  private static final Duration COMPLAIN_EVERY = Duration.ofHours(1);
  private static final Duration MUCH = Duration.ofMinutes(10);

  private final String cluster;
  private final ClockFile file;
  private final GuardedClock clock;
  private final RecurringTask keeping;
  private final Object lock = new Object();
  private long complainedNanos = System.nanoTime() - COMPLAIN_EVERY.toNanos(); // guarded by lock

  private ClusterClock(String cluster, ClockFile file, GuardedClock clock) {
    this.cluster = cluster;
    this.file = file;
    this.clock = clock;
    this.keeping = new RecurringTask("clock-" + cluster, KEEP_EVERY, this::keep);
  }

  /** The clock of a cluster of that directory, which goes on where it was. */
  static ClusterClock open(String cluster, Disk disk, Path directory, InstantSource wall) {
    ClockFile file = new ClockFile(disk, directory.resolve("clock"));
    return new ClusterClock(cluster, file, GuardedClock.start(TimeSource.of(wall), file.read()));
  }

  /** What tells how old something is. */
  GuardedClock clock() {
    return clock;
  }

  /** Keeps what is known from now on. */
  void start() {
    keep();
    keeping.start(Thread.ofVirtual());
  }

  /** What cannot be kept is no harm: after a restart, what is old is deleted later. */
  private void keep() {
    synchronized (lock) {
      try {
        file.write(clock.history());
      } catch (IOException e) {
        LOG.warn("clock not kept: cluster={} file={}", cluster, file.path(), e);
      }
      complain();
    }
  }

  private void complain() {
    long nowNanos = System.nanoTime();
    Duration ahead = clock.wallAhead();
    Duration notBelieved = clock.notBelieved();
    boolean isFar = ahead.abs().compareTo(MUCH) > 0 || notBelieved.compareTo(MUCH) > 0;
    if (isFar && nowNanos - complainedNanos >= COMPLAIN_EVERY.toNanos()) {
      complainedNanos = nowNanos;
      LOG.warn(
          "the wall clock is not followed: cluster={} wallIsAheadBy={} notBelieved={}; nothing is"
              + " deleted for it, what was appended while the server ran goes in its time",
          cluster,
          ahead,
          notBelieved);
    }
  }

  @Override
  public void close() {
    keeping.close();
    keep();
  }
}
