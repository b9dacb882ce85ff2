package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.journal.AckNotes;
import io.ottla.replication.journal.GroupNote;
import io.ottla.replication.journal.JournalScan;
import io.ottla.replication.journal.Judged;
import io.ottla.replication.journal.VoteFile;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides, before a replica takes part, whether it has all that it once acked. One that has less
 * never votes: it is rebuilt. Mends on the way what may be mended in place. Used by the thread that
 * starts a broker.
 */
final class ReplicaJudge {
  private static final Logger log = LoggerFactory.getLogger(ReplicaJudge.class);

  private final Config config;
  private final Disk disk;
  private final AckNotes notes;
  private final VoteGuard votes;

  /**
   * What is to become of a replica. Immutable.
   *
   * @param loss what it has lost; then nothing else counts
   * @param newest the checkpoint that it goes on from
   * @param end the last entry that it has
   * @param unsure nothing is noted of it: it may have lost what no file shows
   */
  record Judgement(
      Optional<String> loss, Optional<Checkpoint> newest, TermIndex end, boolean unsure) {
    static Judgement lost(String reason) {
      return new Judgement(Optional.of(reason), Optional.empty(), TermIndex.INITIAL_VALUE, false);
    }
  }

  ReplicaJudge(Config config, AckNotes notes) {
    this.config = config;
    this.disk = config.disk();
    this.notes = notes;
    this.votes = config.network().votes();
  }

  Judgement judge(GroupSpec spec) throws IOException {
    ReplicaFiles files = new ReplicaFiles(config.directory(), spec);
    CheckpointStore store = new CheckpointStore(disk, files.checkpoints(), spec.id());
    Optional<Checkpoint> newest = store.newest();
    if (newest.isEmpty() && !store.isEmpty()) {
      return Judgement.lost("no checkpoint is whole");
    }
    if (newest.isPresent()) {
      store.force();
    }
    if (!config.known() && newest.isEmpty() && !disk.exists(files.raftGroup())) {
      notes.change(spec.id(), note -> note);
      return new Judgement(Optional.empty(), newest, TermIndex.INITIAL_VALUE, false);
    }
    TermIndex checkpoint = newest.map(Checkpoint::place).orElse(TermIndex.INITIAL_VALUE);
    boolean alone = spec.memberBrokerIds().size() == 1;
    if (!disk.exists(files.journal()) && !alone) {
      return Judgement.lost("journal directory is missing");
    }
    Judged judged = JournalScan.judge(disk, files.journal(), checkpoint);
    Optional<String> loss = judged.loss().or(() -> lossByNotes(spec, judged, newest));
    if (loss.isPresent()) {
      return Judgement.lost(loss.get());
    }
    boolean unsure = notes.of(spec.id()).isEmpty();
    if (unsure) {
      log.warn(
          "nothing is noted of what a replica acked: broker={} group={} end={}; {}",
          config.brokerId(),
          spec.number(),
          judged.end(),
          alone ? "there is nobody to ask" : "its vote counts only while all members are here");
    }
    mendVote(spec, judged.end());
    JournalScan.force(disk, files.journal());
    return new Judgement(Optional.empty(), newest, judged.end(), unsure && !alone);
  }

  private Optional<String> lossByNotes(GroupSpec spec, Judged judged, Optional<Checkpoint> newest) {
    Optional<TermIndex> noted = notes.of(spec.id()).map(GroupNote::end);
    TermIndex acked = votes.mayHaveAcked(spec.number(), config.brokerId());
    if (judged.end().compareTo(acked) < 0) {
      return Optional.of("it ends at " + judged.end() + ", but has acked " + acked);
    }
    if (judged.empty() && newest.isEmpty() && noted.isEmpty()) {
      return Optional.of("it has neither journal nor checkpoint");
    }
    // Only what has just been rebuilt has a checkpoint and no journal, and its note says so.
    if (judged.empty() && noted.isPresent() && !noted.get().equals(judged.end())) {
      return Optional.of(
          "its journal is gone, and its checkpoint at " + judged.end() + " may not be all");
    }
    return Optional.empty();
  }

  /** Puts right what the replica knows of its vote; one that was rebuilt keeps its own. */
  void mendVote(GroupSpec spec, TermIndex end) throws IOException {
    ReplicaFiles files = new ReplicaFiles(config.directory(), spec);
    GroupNote note = notes.of(spec.id()).orElse(GroupNote.NOTHING);
    long newestTerm = Math.max(end.getTerm(), votes.newestTerm(spec.number()));
    VoteFile.mend(disk, files.journal(), note, newestTerm);
    Set<String> members =
        spec.memberBrokerIds().stream()
            .map(id -> config.network().peerId(id).toString())
            .collect(Collectors.toSet());
    VoteFile.mendConfiguration(disk, files.journal(), members, end.getIndex());
    disk.createDirectories(files.raftGroup().resolve("sm"));
  }
}
