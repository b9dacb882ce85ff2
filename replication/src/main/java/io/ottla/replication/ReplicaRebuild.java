package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.RaftBroker.Config;
import io.ottla.replication.ReplicatedState.PinnedFile;
import io.ottla.replication.journal.AckNotes;
import io.ottla.replication.journal.JournalNames;
import io.ottla.replication.journal.VoteFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a copy of another replica in the place of this one's files, restartably. One owner at a
 * time; the replica is closed meanwhile.
 *
 * <h2>On disk</h2>
 *
 * <pre>{@code
 * rebuild/<group>/files/…       what the checkpoint names, forced
 * rebuild/<group>/checkpoint    the source's, with the places of the files here
 * rebuild/<group>/raft-meta     only if the replica's own is lost
 * rebuild/<group>/ready         written last: from here on the copy wins, also after a crash;
 *                               holds the directories to remove, one per line, and in the last
 *                               line '#' and the crc32c of those before it, in hex
 * }</pre>
 *
 * Each later step may be done twice. {@code raft-meta} stays, so that the replica remembers whom it
 * voted for; if it is lost or damaged too, the newest term is taken as voted for itself.
 *
 * <p>At each moment there is the journal with its checkpoint, or the copy's checkpoint, whose files
 * are in their place or still in the copy. A replica that has neither would look like a fresh one,
 * and vote. The names that lead to a complete copy are forced before anything goes.
 */
final class ReplicaRebuild {
  private static final Logger log = LoggerFactory.getLogger(ReplicaRebuild.class);

  private final Disk disk;
  private final ReplicaFiles files;
  private final Path side;
  private final Noted noted;

  /** Where each directory of the last copy goes, by its path at the source. */
  private final Map<Path, Path> places = new HashMap<>();

  private FileCheck copiedWith = FileCheck.NONE;

  /** Notes durably that a replica has acked exactly what its checkpoint there holds. */
  @FunctionalInterface
  interface Noted {
    void rebuiltAt(TermIndex checkpoint) throws IOException;
  }

  ReplicaRebuild(Disk disk, ReplicaFiles files, Noted noted) {
    this.disk = disk;
    this.noted = noted;
    this.files = files;
    this.side = files.rebuild();
  }

  /**
   * Finishes what a broker's last run left complete. To be done before any of its replicas runs:
   * one could take the name of a directory that arrives.
   */
  static void finishAll(Config config, AckNotes notes) throws IOException {
    for (GroupSpec spec : config.network().groupsOf(config.brokerId())) {
      ReplicaFiles files = new ReplicaFiles(config.directory(), spec);
      new ReplicaRebuild(config.disk(), files, at -> notes.rebuilt(spec.id(), at)).finish();
    }
  }

  private Path ready() {
    return side.resolve("ready");
  }

  private Path copies() {
    return side.resolve("files");
  }

  /**
   * Copies everything aside; nothing is believed of it before it is {@link #complete}.
   *
   * @param check judges each file when it is copied, and says where it goes
   * @param abandoned asked between chunks
   */
  void copy(ReplicaSource source, FileCheck check, BooleanSupplier abandoned) throws IOException {
    if (disk.exists(ready())) {
      throw new IllegalStateException("a complete copy waits to take its place: " + side);
    }
    disk.deleteTree(side);
    disk.createDirectories(copies());
    TreeSet<Path> directories = new TreeSet<>();
    places.clear();
    copiedWith = check;
    List<PinnedFile> placed = new ArrayList<>();
    for (PinnedFile file : source.checkpoint().files()) {
      Path directory = check.place(file.path().getParent());
      places.put(file.path().getParent(), directory);
      Path place = directory.resolve(file.path().getFileName());
      placed.add(new PinnedFile(place, file.lengthBytes()));
      Path target = copies().resolve(place);
      disk.createDirectories(target.getParent());
      FileCopy.copy(
          disk,
          (chunk, position) -> source.read(file, chunk, position),
          file.lengthBytes(),
          target,
          abandoned);
      check.copied(file, target);
      for (Path parent = target.getParent(); parent.startsWith(side); parent = parent.getParent()) {
        directories.add(parent);
      }
    }
    for (Path directory : directories.descendingSet()) {
      disk.forceDirectory(directory);
    }
    disk.writeDurably(side.resolve("checkpoint"), source.checkpoint().withFiles(placed).toBytes());
  }

  /**
   * Whether the copy may still go where it was to go: a replica that was not closed while it was
   * copied may have given up a name since.
   */
  boolean keepsItsPlaces() throws IOException {
    for (Map.Entry<Path, Path> each : places.entrySet()) {
      if (!copiedWith.place(each.getKey()).equals(each.getValue())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Lets the copy win from here on, also after a crash. The replica's own files are untouched until
   * it is {@link #finish}ed.
   *
   * @param owned the directories of the replica that go when the copy comes
   * @param term a term in which it has voted for nobody else, if it has lost what it voted
   * @param self its own name: whoever voted for itself in that term votes for nobody else in it
   */
  void complete(List<Path> owned, long term, String self) throws IOException {
    if (VoteFile.term(disk, files.journal()).isEmpty()) {
      String meta = "term=" + term + "\nvotedFor=" + self + "\n";
      disk.writeDurably(side.resolve(VoteFile.NAME), meta.getBytes(StandardCharsets.UTF_8));
    }
    // The names of all that leads to the copy, before anything of the replica's may go.
    disk.forceDirectory(side);
    disk.forceDirectory(side.getParent());
    disk.forceDirectory(files.broker());
    String lines = String.join("\n", owned.stream().map(Path::toString).toList());
    disk.writeDurably(ready(), (lines + "\n" + sumLine(lines)).getBytes(StandardCharsets.UTF_8));
  }

  private static String sumLine(String lines) {
    CRC32C checksum = new CRC32C();
    checksum.update(lines.getBytes(StandardCharsets.UTF_8));
    return "#" + Long.toHexString(checksum.getValue());
  }

  /** Gives up a copy that is not complete. */
  void discard() throws IOException {
    if (disk.exists(ready())) {
      throw new IllegalStateException("a complete copy waits to take its place: " + side);
    }
    disk.deleteTree(side);
  }

  /**
   * Lets a complete copy take the replica's place; without one only tidies up. A copy that has been
   * damaged since is none: what is left of the replica itself has to be judged then.
   *
   * @return whether a copy has taken the place
   */
  boolean finish() throws IOException {
    if (!disk.exists(ready())) {
      disk.deleteTree(side);
      return false;
    }
    Optional<Checkpoint> copied =
        Checkpoint.parse(files.spec().id(), readIfThere(side.resolve("checkpoint")));
    Optional<List<Path>> owned = readOwned();
    if (copied.isEmpty() || owned.isEmpty() || !isWhole(copied.get())) {
      log.error(
          "copy of a replica is damaged, what was there before it stays: group={} path={}",
          files.spec().number(),
          side);
      forgetCopy();
      return false;
    }
    takePlace(copied.get(), owned.get());
    log.info("replica rebuilt: group={} at={}", files.spec().number(), copied.get().place());
    return true;
  }

  private byte[] readIfThere(Path path) throws IOException {
    return disk.exists(path) ? disk.readAll(path) : new byte[0];
  }

  /** What is to go, if the list is whole; an older build wrote it without a sum. */
  private Optional<List<Path>> readOwned() throws IOException {
    String text = new String(disk.readAll(ready()), StandardCharsets.UTF_8);
    int sumAt = text.lastIndexOf('#');
    String lines = sumAt < 1 ? text : text.substring(0, sumAt - 1);
    if (sumAt >= 0 && !text.endsWith(sumLine(lines))) {
      return Optional.empty();
    }
    List<Path> owned = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      if (!line.isEmpty()) {
        owned.add(Path.of(line));
      }
    }
    return Optional.of(owned);
  }

  /** Whether each file has its length, where it was copied to or already in its place. */
  private boolean isWhole(Checkpoint checkpoint) throws IOException {
    for (PinnedFile file : checkpoint.files()) {
      Path copy = copies().resolve(file.path());
      Path found = disk.exists(copy) ? copy : files.broker().resolve(file.path());
      if (!disk.exists(found) || disk.sizeBytes(found) < file.lengthBytes()) {
        return false;
      }
    }
    return true;
  }

  /** Each step may be done twice: power may go between any two. */
  private void takePlace(Checkpoint checkpoint, List<Path> owned) throws IOException {
    // First of all: from here on a start that does not find what it names calls the replica lost.
    CheckpointStore store = new CheckpointStore(disk, files.checkpoints(), files.spec().id());
    store.write(checkpoint);
    removeJournal();
    store.keep(checkpoint.index(), checkpoint.index());
    List<Path> arriving = topDirectories(checkpoint);
    for (Path directory : owned) {
      if (!arriving.contains(directory)) {
        disk.deleteTree(files.broker().resolve(directory));
      }
    }
    for (Path directory : arriving) {
      Path copy = copies().resolve(directory);
      Path place = files.broker().resolve(directory);
      if (disk.exists(copy)) {
        disk.deleteTree(place);
        disk.createDirectories(place.getParent());
        disk.rename(copy, place);
      }
      disk.forceDirectory(place.getParent());
    }
    noted.rebuiltAt(checkpoint.place());
    forgetCopy();
  }

  private void forgetCopy() throws IOException {
    disk.delete(ready());
    disk.forceDirectory(side);
    disk.deleteTree(side);
  }

  /** Only what votes stays. */
  private void removeJournal() throws IOException {
    Path journal = files.journal();
    disk.createDirectories(journal);
    disk.createDirectories(files.raftGroup().resolve("sm"));
    for (Path path : disk.list(journal)) {
      if (path.getFileName().toString().startsWith("log_")) {
        disk.delete(path);
      }
    }
    Path meta = side.resolve(VoteFile.NAME);
    if (disk.exists(meta)) {
      disk.writeDurably(journal.resolve(VoteFile.NAME), disk.readAll(meta));
    }
    JournalNames.forcePlace(disk, journal);
  }

  /** The directories of the files, without those inside another one. */
  static List<Path> topDirectories(Checkpoint checkpoint) {
    List<Path> tops = new ArrayList<>();
    TreeSet<Path> all = new TreeSet<>();
    checkpoint.files().forEach(file -> all.add(file.path().getParent()));
    for (Path directory : all) {
      Optional<Path> above = tops.stream().filter(directory::startsWith).findAny();
      if (above.isEmpty()) {
        tops.add(directory);
      }
    }
    return tops;
  }
}
