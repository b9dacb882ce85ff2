package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
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
 * rebuild/<group>/checkpoint    the source's
 * rebuild/<group>/ready         written last: from here on the copy wins, also after a crash;
 *                               holds the directories to remove, one per line
 * }</pre>
 *
 * Each later step may be done twice. {@code raft-meta} stays, so that the replica remembers whom it
 * voted for; if it is lost too, the leader's term is taken as voted for the leader.
 */
final class ReplicaRebuild {
  private static final Logger log = LoggerFactory.getLogger(ReplicaRebuild.class);
  private static final int CHUNK_BYTES = 256 * 1024;

  private final Disk disk;
  private final ReplicaFiles files;
  private final Path side;

  ReplicaRebuild(Disk disk, ReplicaFiles files) {
    this.disk = disk;
    this.files = files;
    this.side = files.rebuild();
  }

  private Path ready() {
    return side.resolve("ready");
  }

  private Path copies() {
    return side.resolve("files");
  }

  /**
   * Copies everything aside; the replica's own files are untouched until it is {@link #finish}ed.
   *
   * @param owned the directories of the replica that go when the copy comes
   * @param abandoned asked between chunks
   */
  void copy(ReplicaSource source, List<Path> owned, String voter, BooleanSupplier abandoned)
      throws IOException {
    disk.deleteTree(side);
    disk.createDirectories(copies());
    TreeSet<Path> directories = new TreeSet<>();
    for (PinnedFile file : source.checkpoint().files()) {
      Path target = copies().resolve(file.path());
      disk.createDirectories(target.getParent());
      copyFile(source, file, target, abandoned);
      for (Path parent = target.getParent(); parent.startsWith(side); parent = parent.getParent()) {
        directories.add(parent);
      }
    }
    for (Path directory : directories.descendingSet()) {
      disk.forceDirectory(directory);
    }
    disk.writeDurably(side.resolve("checkpoint"), source.checkpoint().toBytes());
    if (!disk.exists(files.journal().resolve("raft-meta"))) {
      String meta = "term=" + source.term() + "\nvotedFor=" + voter + "\n";
      disk.writeDurably(side.resolve("raft-meta"), meta.getBytes(StandardCharsets.UTF_8));
    }
    disk.forceDirectory(side.getParent());
    String lines = String.join("\n", owned.stream().map(Path::toString).toList());
    disk.writeDurably(ready(), lines.getBytes(StandardCharsets.UTF_8));
  }

  private void copyFile(
      ReplicaSource source, PinnedFile file, Path target, BooleanSupplier abandoned)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    try (DiskFile out = disk.open(target, OpenMode.CREATE)) {
      for (long position = 0; position < file.lengthBytes(); ) {
        if (abandoned.getAsBoolean()) {
          throw new IOException("rebuild abandoned");
        }
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, file.lengthBytes() - position));
        int count = source.read(file, chunk, position);
        if (count <= 0) {
          throw new IOException("source is short: " + file);
        }
        out.write(chunk.flip(), position);
        position += count;
      }
      out.force();
    }
  }

  /** Lets a complete copy take the replica's place; without one only tidies up. */
  void finish() throws IOException {
    if (!disk.exists(ready())) {
      disk.deleteTree(side);
      return;
    }
    Checkpoint checkpoint =
        Checkpoint.parse(files.spec().id(), disk.readAll(side.resolve("checkpoint")))
            .orElseThrow(() -> new IOException("copied checkpoint is damaged: " + side));
    removeJournal();
    disk.deleteTree(files.checkpoints());
    List<Path> arriving = topDirectories(checkpoint);
    String lines = new String(disk.readAll(ready()), StandardCharsets.UTF_8);
    for (String owned : lines.lines().toList()) {
      if (!owned.isEmpty() && !arriving.contains(Path.of(owned))) {
        disk.deleteTree(files.broker().resolve(owned));
      }
    }
    for (Path directory : arriving) {
      Path copy = copies().resolve(directory);
      Path place = files.broker().resolve(directory);
      if (disk.exists(copy)) {
        disk.deleteTree(place);
        disk.createDirectories(place.getParent());
        disk.rename(copy, place);
        disk.forceDirectory(place.getParent());
      }
    }
    new CheckpointStore(disk, files.checkpoints(), files.spec().id()).write(checkpoint);
    disk.forceDirectory(files.checkpoints().getParent());
    disk.delete(ready());
    disk.forceDirectory(side);
    disk.deleteTree(side);
    log.info("replica rebuilt: group={} at={}", files.spec().number(), checkpoint.index());
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
    Path meta = side.resolve("raft-meta");
    if (disk.exists(meta)) {
      disk.writeDurably(journal.resolve("raft-meta"), disk.readAll(meta));
    }
    disk.forceDirectory(journal);
    disk.forceDirectory(files.raftGroup());
    disk.forceDirectory(files.raftGroup().getParent());
  }

  /** The directories of the files, without those inside another one. */
  private static List<Path> topDirectories(Checkpoint checkpoint) {
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
