package io.ottla.replication;

import io.ottla.replication.BoundedSource.SourceHangsException;
import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.ReplicaSource.Needed;
import io.ottla.replication.journal.AckNotes;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rebuilds a broker's replicas from what other members have, each on a thread of its own.
 * Thread-safe.
 *
 * <p>A replica that merely lags behind its leader's purge goes on voting and acknowledging
 * heartbeats while the copy is made: the leader may have no majority without it. It is taken out
 * for the swap only. A replica that has lost something is out from the start.
 *
 * <h2>Failure</h2>
 *
 * A copy that fails is made again, from another member where there is one, after growing pauses. So
 * is one whose source does not answer in the time that anything may stand still, twice as long
 * after each time; a member whose disk hangs is not asked again before it answers. Once a copy is
 * complete only its swap is tried, never another copy: if that fails the broker fails, and its next
 * start does it.
 */
final class ReplicaRebuilds {
  private static final Logger log = LoggerFactory.getLogger(ReplicaRebuilds.class);
  private static final Duration LONGEST_WAIT_FOR_SOURCE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final long LONGEST_PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final long COMPLAIN_AFTER_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long COMPLAIN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Config config;
  private final Home home;
  private final RebuildThreads threads = new RebuildThreads();

  /** The broker whose replicas they are. */
  interface Home {
    /** Takes a replica out of the server. */
    Unhosted unhost(GroupSpec spec) throws IOException;

    /** Lets a replica take part again; returns what was lost, if its state says so. */
    Optional<String> hostAgain(GroupSpec spec) throws IOException;

    /** A check for the files of another replica's checkpoint. */
    FileCheck fileCheck(GroupSpec spec, byte[] checkpoint) throws IOException;

    ReplicaStatus status(int group);

    /** Where the journal of a replica that takes part ends now. */
    TermIndex journalEnd(int group);

    /** Of what its replicas have acked. */
    AckNotes notes();

    boolean hasEnded();

    void fail(String reason, Throwable cause);
  }

  /**
   * What is left of a replica that takes part no more.
   *
   * @param owned the directories that are its own
   * @param journalEnd the last entry that it can have acked, as far as is known
   * @param lost whether its journal was not there to be asked: then it may have acked more
   */
  record Unhosted(List<Path> owned, TermIndex journalEnd, boolean lost) {}

  ReplicaRebuilds(Config config, Home home) {
    this.config = config;
    this.home = home;
  }

  /** Takes a replica out and rebuilds it, in the background; once at a time. */
  void start(int group) {
    start(group, false);
  }

  /** The same for one that is whole, but behind its leader's purge: it stays in meanwhile. */
  void startLagging(int group) {
    start(group, true);
  }

  private void start(int group, boolean lagging) {
    if (!home.hasEnded()) {
      GroupSpec spec = config.network().spec(group);
      threads.start(config.brokerId(), group, () -> rebuild(spec, lagging));
    }
  }

  /** Waits until all have noticed the broker's end. */
  void join() {
    threads.join();
  }

  private void rebuild(GroupSpec spec, boolean lagging) {
    try {
      new Run(spec, lagging).untilDone();
    } catch (Throwable e) {
      home.fail("rebuild of group " + spec.number() + " failed", e);
      if (e instanceof Error error) {
        throw error;
      }
    }
  }

  /** One replica's rebuild. Used by its thread only. */
  private final class Run {
    private final GroupSpec spec;
    private final ReplicaRebuild rebuild;
    private final long startedNanos = System.nanoTime();
    private final RebuildThreads.Pauses waits = threads.pauses(LONGEST_WAIT_FOR_SOURCE);
    private final RebuildThreads.Pauses pauses = threads.pauses(LONGEST_PAUSE);
    private final long appliedAtStart;
    private Optional<Unhosted> unhosted = Optional.empty();
    private int failedSource = -1;

    /** The sources that were asked last, by broker. */
    private final Map<Integer, BoundedSource> asked = new HashMap<>();

    /** So long a source may take for one answer; more after one that took too long. */
    private long patienceNanos = config.settings().stalledAfter().toNanos();

    private long complainedNanos = startedNanos + COMPLAIN_AFTER_NANOS - COMPLAIN_EVERY_NANOS;

    Run(GroupSpec spec, boolean lagging) throws IOException {
      this.spec = spec;
      this.rebuild =
          new ReplicaRebuild(
              config.disk(), new ReplicaFiles(config.directory(), spec), this::noteRebuilt);
      ReplicaStatus now = home.status(spec.number());
      this.appliedAtStart = now.appliedIndex();
      if (!lagging || !now.running()) {
        unhosted = Optional.of(home.unhost(spec));
      }
    }

    private void noteRebuilt(TermIndex at) throws IOException {
      home.notes().rebuilt(spec.id(), at);
      config.network().votes().rebuilt(config.brokerId(), spec.number(), at);
    }

    void untilDone() throws IOException {
      boolean done = false;
      while (!done && !home.hasEnded() && !hasCaughtUp()) {
        Optional<ReplicaSource> source = findSource();
        if (source.isEmpty()) {
          complain("no running member surely has all that it may have acked");
          waits.next(home::hasEnded);
        } else {
          done = tryWith(source.get());
        }
      }
    }

    /** One that only lagged needs no copy any more once its leader's entries reach it. */
    private boolean hasCaughtUp() {
      return unhosted.isEmpty() && home.status(spec.number()).appliedIndex() > appliedAtStart;
    }

    private boolean tryWith(ReplicaSource source) throws IOException {
      try (ReplicaSource from = source) {
        if (copied(from) && mayTakePlaceOf(from)) {
          rebuild.complete(unhosted.orElseThrow().owned(), newestTerm(), ownName());
          Optional<String> loss = takePlace();
          if (loss.isEmpty()) {
            threads.await(() -> home.hasEnded() || home.status(spec.number()).sureOfWhatItShows());
            return true;
          }
          failed(from, "rebuilt replica is not whole: " + loss.get(), null);
        }
      }
      pauses.next(home::hasEnded);
      return false;
    }

    /** Why it takes no part; what is known to have lost something is never hosted as if whole. */
    private Optional<String> takePlace() throws IOException {
      return rebuild.finish()
          ? home.hostAgain(spec)
          : Optional.of("its copy was damaged before it took its place");
    }

    private boolean copied(ReplicaSource from) {
      try {
        FileCheck check = home.fileCheck(spec, from.checkpoint().stateBytes());
        rebuild.copy(from, check, home::hasEnded);
        return true;
      } catch (NoSuchFileException e) {
        // Dropped meanwhile: its next checkpoint does not name it.
        log.info("a file went while it was copied, again: group={}", spec.number(), e);
      } catch (IOException e) {
        failed(from, "copy failed: " + e, e);
      }
      return false;
    }

    /** Takes a lagging replica out; its journal's end is judged again now that it is final. */
    private boolean mayTakePlaceOf(ReplicaSource from) throws IOException {
      if (unhosted.isPresent()) {
        return true;
      }
      if (hasCaughtUp()) {
        rebuild.discard();
        return false;
      }
      Unhosted now = home.unhost(spec);
      unhosted = Optional.of(now);
      if (!needed().isMetBy(from.checkpoint().place())) {
        log.info("replica has got more than its copy, again: group={}", spec.number());
        return false;
      }
      return rebuild.keepsItsPlaces();
    }

    private Needed needed() {
      return unhosted
          .map(gone -> new Needed(gone.journalEnd(), gone.lost()))
          .orElseGet(() -> new Needed(home.journalEnd(spec.number()), false));
    }

    private Optional<ReplicaSource> findSource() throws IOException {
      for (RaftBroker broker : candidates()) {
        BoundedSource source = new BoundedSource(broker.brokerId(), patienceNanos, home::hasEnded);
        asked.put(broker.brokerId(), source);
        try {
          Needed needed = needed();
          if (source.open(() -> broker.source(spec.number(), needed))) {
            return Optional.of(source);
          }
        } catch (SourceHangsException e) {
          failed(source, e.getMessage(), e);
        } catch (IOException | IllegalStateException e) {
          log.debug("no source: group={} broker={}", spec.number(), broker.brokerId(), e);
        }
      }
      return Optional.empty();
    }

    /**
     * The leader first, then who has most; whoever failed last comes last. Not those where
     * something stands still: they come again when it goes on.
     */
    private List<RaftBroker> candidates() {
      List<RaftBroker> found = new ArrayList<>();
      for (int member : spec.memberBrokerIds()) {
        if (member != config.brokerId()) {
          config.network().broker(member).filter(this::answers).ifPresent(found::add);
        }
      }
      found.sort(
          Comparator.comparing((RaftBroker broker) -> broker.brokerId() == failedSource)
              .thenComparing(broker -> !broker.status(spec.number()).leaderReady())
              .thenComparing(
                  Comparator.comparingLong(
                          (RaftBroker broker) -> broker.status(spec.number()).appliedIndex())
                      .reversed()));
      return found;
    }

    private boolean answers(RaftBroker broker) {
      BoundedSource before = asked.get(broker.brokerId());
      return (before == null || !before.hangs())
          && broker.status(spec.number()).stalled().isEmpty();
    }

    private void failed(ReplicaSource from, String reason, Exception cause) {
      failedSource = from.brokerId();
      if (cause instanceof SourceHangsException) {
        patienceNanos = Math.min(2 * patienceNanos, LONGEST_PATIENCE_NANOS);
      }
      log.warn(
          "rebuild failed, again: broker={} group={} source={} reason={}",
          config.brokerId(),
          spec.number(),
          from.brokerId(),
          reason,
          cause);
      complain(reason);
    }

    private void complain(String reason) {
      long now = System.nanoTime();
      if (now - complainedNanos >= COMPLAIN_EVERY_NANOS) {
        complainedNanos = now;
        log.error(
            "replica cannot be rebuilt: broker={} group={} sinceSeconds={} reason={};"
                + " start the other brokers of the group, or give their disks back",
            config.brokerId(),
            spec.number(),
            TimeUnit.NANOSECONDS.toSeconds(now - startedNanos),
            reason);
      }
    }

    /** The newest term that any running member knows; it may have voted in that one. */
    private long newestTerm() {
      long newest = 0;
      for (int member : spec.memberBrokerIds()) {
        newest =
            Math.max(
                newest,
                config
                    .network()
                    .broker(member)
                    .map(broker -> broker.status(spec.number()).term())
                    .orElse(0L));
      }
      return newest;
    }

    private String ownName() {
      return config.network().peerId(config.brokerId()).toString();
    }
  }
}
