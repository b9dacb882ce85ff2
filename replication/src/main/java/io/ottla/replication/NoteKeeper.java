package io.ottla.replication;

import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.journal.AckNotes;
import io.ottla.replication.journal.GroupNote;
import io.ottla.replication.journal.VoteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a broker's notes up to date: what its replicas have forced, what it knows of the other
 * members, and the sums of its votes. Thread-safe.
 *
 * <p>Under load that is one write per broker and period, of which every tenth is forced; nothing
 * while nothing happens.
 */
final class NoteKeeper {
  private static final Logger log = LoggerFactory.getLogger(NoteKeeper.class);
  private static final long EVERY_MS = 100;
  private static final TermIndex NOWHERE = TermIndex.INITIAL_VALUE;

  private final Config config;
  private final AckNotes notes;
  private final Collection<HostedReplica> hosted;
  private final VoteGuard votes;

  /** The terms of the votes that are noted, by group. */
  private final Map<Integer, Long> notedTerms = new ConcurrentHashMap<>();

  /**
   * @param hosted the broker's replicas that take part, as they come and go
   */
  NoteKeeper(Config config, AckNotes notes, Collection<HostedReplica> hosted) {
    this.config = config;
    this.notes = notes;
    this.hosted = hosted;
    this.votes = config.network().votes();
  }

  /** Tells the others what is noted here, and waits for those that are being started too. */
  void publish() throws IOException {
    List<GroupSpec> specs = config.network().groupsOf(config.brokerId());
    for (GroupSpec spec : specs) {
      long term =
          VoteFile.read(config.disk(), journal(spec)).map(read -> read.term().orElse(0)).orElse(0L);
      votes.learn(spec.number(), config.brokerId(), NOWHERE, NOWHERE, term);
    }
    votes.publish(config.brokerId(), specs, notes.all());
    votes.awaitPublished();
  }

  private Path journal(GroupSpec spec) {
    return new ReplicaFiles(config.directory(), spec).journal();
  }

  void start(Consumer<Throwable> onFailed) {
    notes.every(EVERY_MS, this::newest, onFailed);
  }

  /** What is true now is durable when this returns. */
  void now() throws IOException {
    notes.now(this::newest);
  }

  private Map<UUID, GroupNote> newest(Map<UUID, GroupNote> old) throws IOException {
    Map<UUID, GroupNote> changed = new HashMap<>(old);
    for (HostedReplica each : hosted) {
      GroupReplica replica = each.replica();
      Optional<TermIndex> end = replica.forcedEnd();
      if (end.isPresent()) {
        learn(replica, end.get());
        if (isSure(replica)) {
          UUID id = replica.spec().id();
          GroupNote before = old.getOrDefault(id, GroupNote.NOTHING);
          changed.put(id, note(replica, before, end.get()));
        }
      }
    }
    return changed;
  }

  private void learn(GroupReplica replica, TermIndex end) {
    int number = replica.spec().number();
    long term = replica.status().term();
    config
        .network()
        .forcedEnds(replica.spec())
        .forEach((member, place) -> votes.learn(number, member, place, NOWHERE, 0));
    votes.learn(number, config.brokerId(), end, replica.committed().orElse(NOWHERE), term);
  }

  /** Nothing is noted of a replica of which nothing was, until it has heard what was committed. */
  private boolean isSure(GroupReplica replica) {
    int number = replica.spec().number();
    if (!votes.isUnsure(config.brokerId(), number)) {
      return true;
    }
    if (!replica.status().sureOfWhatItShows()) {
      return false;
    }
    votes.sure(config.brokerId(), number);
    log.info("replica has all that was committed: broker={} group={}", config.brokerId(), number);
    return true;
  }

  private GroupNote note(GroupReplica replica, GroupNote before, TermIndex end) throws IOException {
    int number = replica.spec().number();
    GroupNote note = before.withEnd(GroupNote.later(before.end(), end));
    long term = replica.status().term();
    if (note.voteSum().isEmpty() || !Long.valueOf(term).equals(notedTerms.get(number))) {
      Optional<VoteFile.Read> read = VoteFile.read(config.disk(), journal(replica.spec()));
      if (read.isPresent()) {
        note = note.withVote(read.get());
        notedTerms.put(number, term);
      }
    }
    return votes.complete(number, note);
  }

  /**
   * A replica has voted. The vote does not wait for its note: with a slow disk no election would
   * end in time. Until then the file is newer than its note (see {@link VoteFile#mend}).
   */
  void voted(GroupSpec spec) {
    notedTerms.remove(spec.number());
    notes.soon();
  }
}
