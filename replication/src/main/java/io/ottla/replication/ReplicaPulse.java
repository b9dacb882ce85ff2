package io.ottla.replication;

import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.server.RaftServer;

/**
 * Where a replica's apply, journal and election are, for the watchdog. Thread-safe; nothing blocks
 * but {@link #probeJournal}.
 */
final class ReplicaPulse {
  private volatile RaftServer.Division division;

  /** The index that is being applied, -1 for none. */
  private volatile long applying = -1;

  /** The journal's last entry when it was asked last. */
  private volatile long journalled = -1;

  /** Whether the journal is being asked just now. */
  private volatile boolean probing;

  /** How often it has asked for a vote. */
  private final AtomicLong votesAsked = new AtomicLong();

  private final Set<String> stalled = new ConcurrentSkipListSet<>();

  /** The replica has been added to its server. */
  void of(RaftServer.Division itsDivision) {
    division = itsDivision;
  }

  void applies(long index) {
    applying = index;
  }

  void hasApplied() {
    applying = -1;
  }

  /** It asks another member for a vote, of any kind. */
  void asksForVote() {
    votesAsked.incrementAndGet();
  }

  /** How often it has asked for votes, while it is a candidate: it asks again and again. */
  OptionalLong electionStep() {
    RaftServer.Division now = division;
    return now != null && now.getInfo().isAlive() && now.getInfo().isCandidate()
        ? OptionalLong.of(votesAsked.get())
        : OptionalLong.empty();
  }

  /** Where applying is; empty while nothing is applied. */
  OptionalLong applyStep() {
    long now = applying;
    return now < 0 ? OptionalLong.empty() : OptionalLong.of(now);
  }

  /** What is forced of the journal, while there is more to force. */
  OptionalLong journalStep() {
    RaftServer.Division now = division;
    if (now == null) {
      return OptionalLong.empty();
    }
    long forced = now.getRaftLog().getFlushIndex();
    return journalled > forced ? OptionalLong.of(forced) : OptionalLong.empty();
  }

  /** The watchdog's probe, if it is asking this replica's journal now. */
  OptionalLong probeStep(OptionalLong probe) {
    return probing ? probe : OptionalLong.empty();
  }

  /** Asks where the journal ends; may block for as long as Ratis changes it in memory. */
  void probeJournal() {
    RaftServer.Division now = division;
    if (now == null || !now.getInfo().isAlive()) {
      return;
    }
    probing = true;
    try {
      journalled = now.getRaftLog().getNextIndex() - 1;
    } catch (IllegalStateException e) {
      journalled = -1; // Ratis has closed its journal meanwhile
    } finally {
      probing = false;
    }
  }

  /** Says that something of it stands still, or goes on. */
  void stalled(String what, boolean standsStill) {
    if (standsStill) {
      stalled.add(what);
    } else {
      stalled.remove(what);
    }
  }

  /** What stands still, for people; empty if nothing does. */
  String stalled() {
    return String.join(", ", stalled);
  }
}
