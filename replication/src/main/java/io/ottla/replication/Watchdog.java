package io.ottla.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees what stands still: a disk that hangs throws nothing, it only never answers.
 *
 * <p>A work is under way at some number, which changes with each step. If the number is the same at
 * many looks, the work stands still. Time is counted in looks, not by a clock: a process that was
 * paused for a minute has not looked meanwhile, so nothing is condemned when it goes on.
 *
 * <h2>Threads</h2>
 *
 * One of its own looks, and must never block: what it asks reads only volatile fields. A second one
 * asks each journal where it ends, which may take the journal's lock: that is a work like the
 * others.
 */
final class Watchdog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

  /** So many looks make the bound. */
  static final int LOOKS = 20;

  private final int brokerId;
  private final long everyNanos;
  private final Supplier<List<Work>> works;
  private final Runnable probe;
  private final Thread looking;
  private final Thread probing;
  private final Map<Object, Seen> seen = new HashMap<>();
  private final AtomicLong probesBegun = new AtomicLong();
  private volatile boolean probeUnderWay;
  private volatile boolean ended;

  /**
   * Something that must go on. Immutable.
   *
   * @param key the same at each look
   * @param name for people
   * @param step where it is now; empty while there is nothing to do. Must not block
   * @param patienceLooks it stands still when it was seen at one step so often
   * @param onStalled told again at each look of one that stands still, with the number of times
   *     that its patience is over, from 1; and with 0 when it goes on. Must not block
   */
  record Work(
      Object key,
      String name,
      Supplier<OptionalLong> step,
      int patienceLooks,
      Consumer<Integer> onStalled) {}

  /** How often a work was seen at one step. */
  private record Seen(long step, int looks, boolean stalled) {}

  /**
   * @param boundNanos so long something may stand still
   * @param works what there is to look at now; must not block
   * @param probe asks what may block; on a thread of its own
   */
  Watchdog(int brokerId, long boundNanos, Supplier<List<Work>> works, Runnable probe) {
    this.brokerId = brokerId;
    this.everyNanos = Math.max(TimeUnit.MILLISECONDS.toNanos(1), boundNanos / LOOKS);
    this.works = works;
    this.probe = probe;
    this.looking = thread("ottla-watchdog-", this::look);
    this.probing = thread("ottla-watchdog-probe-", this::probe);
  }

  private Thread thread(String name, Runnable round) {
    return Thread.ofPlatform()
        .daemon()
        .name(name + brokerId)
        .unstarted(
            () -> {
              while (!ended) {
                LockSupport.parkNanos(this, everyNanos);
                try {
                  round.run();
                } catch (Throwable e) { // it must outlive what it watches
                  log.warn("watchdog failed, goes on: broker={}", brokerId, e);
                }
              }
            });
  }

  void start() {
    looking.start();
    probing.start();
  }

  private void probe() {
    probesBegun.incrementAndGet();
    probeUnderWay = true;
    try {
      probe.run();
    } finally {
      probeUnderWay = false;
    }
  }

  /** The step of the probe itself: a work that each replica's journal is judged by. */
  OptionalLong probeStep() {
    return probeUnderWay ? OptionalLong.of(probesBegun.get()) : OptionalLong.empty();
  }

  /** One look at everything. */
  void look() {
    Set<Object> present = new HashSet<>();
    for (Work work : new ArrayList<>(works.get())) {
      present.add(work.key());
      OptionalLong step = work.step().get();
      Seen before = seen.get(work.key());
      if (step.isEmpty() || before == null || before.step() != step.getAsLong()) {
        goesOn(work, before);
        if (step.isPresent()) {
          seen.put(work.key(), new Seen(step.getAsLong(), 0, false));
        } else {
          seen.remove(work.key());
        }
        continue;
      }
      int looks = before.looks() + 1;
      boolean stalled = looks >= work.patienceLooks();
      seen.put(work.key(), new Seen(before.step(), looks, stalled));
      if (stalled) {
        if (!before.stalled()) {
          log.error("stands still: broker={} what={} step={}", brokerId, work.name(), step);
        }
        work.onStalled().accept(looks / work.patienceLooks());
      }
    }
    seen.keySet().retainAll(present);
  }

  private void goesOn(Work work, Seen before) {
    if (before != null && before.stalled()) {
      log.warn("goes on: broker={} what={}", brokerId, work.name());
      work.onStalled().accept(0);
    }
  }

  /** It looks no more; does not wait for a probe that stands still. */
  @Override
  public void close() {
    ended = true;
    LockSupport.unpark(looking);
    LockSupport.unpark(probing);
  }
}
