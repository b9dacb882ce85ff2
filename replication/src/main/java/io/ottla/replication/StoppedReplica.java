package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.journal.AckNotes;
import io.ottla.replication.journal.GroupNote;
import io.ottla.replication.journal.JournalPrefix;
import io.ottla.replication.journal.JournalScan;
import io.ottla.replication.journal.VoteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * What one replica of a group holds while no server runs. Looking touches nothing. Immutable.
 *
 * @param checkpoint the newest one that is whole
 * @param onlyDamaged whether there are checkpoints, but none is whole
 * @param hasJournal whether its directory is there
 * @param prefix what follows the checkpoint
 * @param note what its broker noted of the group
 * @param term the newest term that it knows by its files
 * @param unfinished something that the next start goes on with; nothing else counts before that
 */
record StoppedReplica(
    int broker,
    Optional<Checkpoint> checkpoint,
    boolean onlyDamaged,
    boolean hasJournal,
    JournalPrefix prefix,
    Optional<GroupNote> note,
    long term,
    Optional<String> unfinished) {

  static StoppedReplica look(Disk disk, int broker, Path directory, GroupSpec spec)
      throws IOException {
    ReplicaFiles files = new ReplicaFiles(directory, spec);
    CheckpointStore store = new CheckpointStore(disk, files.checkpoints(), spec.id());
    Optional<Checkpoint> newest = store.newest();
    TermIndex place = newest.map(Checkpoint::place).orElse(TermIndex.INITIAL_VALUE);
    JournalPrefix prefix = JournalPrefix.find(disk, files.journal(), place);
    Optional<GroupNote> note = AckNotes.look(disk, directory, spec.id());
    long term = Math.max(place.getTerm(), prefix.end().getTerm());
    term = Math.max(term, VoteFile.term(disk, files.journal()).orElse(0));
    return new StoppedReplica(
        broker,
        newest,
        newest.isEmpty() && !store.isEmpty(),
        disk.exists(files.journal()),
        prefix,
        note,
        term,
        unfinished(disk, files));
  }

  private static Optional<String> unfinished(Disk disk, ReplicaFiles files) throws IOException {
    if (disk.exists(files.rebuild().resolve("ready"))) {
      return Optional.of("a rebuild has still to put its copy in place");
    }
    return JournalScan.isHalfMended(disk, files.journal())
        ? Optional.of("its journal is half mended")
        : Optional.empty();
  }

  TermIndex end() {
    return prefix.end();
  }

  /** Whether it holds neither a checkpoint nor an entry. */
  boolean holdsNothing() {
    return checkpoint.isEmpty() && prefix.isEmpty();
  }

  /**
   * What it has lost, as {@link ReplicaJudge} would find it.
   *
   * @param acked what it may have acked, by everybody's notes
   */
  Optional<String> loss(TermIndex acked, boolean alone) {
    if (onlyDamaged) {
      return Optional.of("no checkpoint is whole");
    }
    if (!hasJournal && !alone) {
      return Optional.of("its journal is missing");
    }
    if (prefix.damage().isPresent()) {
      return prefix.damage();
    }
    if (end().compareTo(acked) < 0) {
      return Optional.of("it has acked " + text(acked));
    }
    boolean notNoted = note.map(found -> !found.end().equals(end())).orElse(checkpoint.isEmpty());
    return prefix.isEmpty() && notNoted
        ? Optional.of("its journal holds nothing, and its checkpoint may not be all")
        : Optional.empty();
  }

  static String text(TermIndex place) {
    return place.getIndex() < 0
        ? "nothing"
        : "entry " + place.getIndex() + " of term " + place.getTerm();
  }
}
