package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import io.ottla.replication.ReplicatedState.PinnedFile;
import io.ottla.replication.journal.VoteFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A replica that waits beside a member's own to take its place. One owner, while no server runs.
 *
 * <pre>{@code
 * <broker>/salvage/<group>/…    the files, where they will be below the broker's directory
 * }</pre>
 */
final class SalvageCopy {
  private final Disk disk;
  private final GroupSpec spec;
  private final Path broker;
  private final ReplicaFiles side;

  /**
   * Of one member.
   *
   * @param broker the member's directory
   */
  SalvageCopy(Disk disk, GroupSpec spec, Path broker) {
    this.disk = disk;
    this.spec = spec;
    this.broker = broker;
    this.side = new ReplicaFiles(side(broker, spec), spec);
  }

  static Path side(Path broker, GroupSpec spec) {
    return broker.resolve("salvage").resolve(Integer.toString(spec.number()));
  }

  /**
   * Makes it, durably.
   *
   * @param term above all that anybody has voted in
   * @param files the broker's directory that its files are copied from; empty where they stay
   * @return what is to take its place, relative to the broker's directory
   */
  List<Path> make(StoppedReplica chosen, long term, Optional<Path> files) throws IOException {
    disk.deleteTree(side.broker());
    List<Path> arriving = new ArrayList<>();
    TreeSet<Path> directories = new TreeSet<>();
    disk.createDirectories(side.journal());
    disk.createDirectories(side.raftGroup().resolve("sm"));
    chosen.prefix().write(side.journal());
    disk.writeDurably(
        side.journal().resolve(VoteFile.NAME),
        ("term=" + term + "\nvotedFor=\n").getBytes(StandardCharsets.UTF_8));
    addAbove(side.journal(), directories);
    arriving.add(relative(side.raftGroup()));
    if (chosen.checkpoint().isPresent()) {
      Checkpoint checkpoint = chosen.checkpoint().get();
      // Twice: the journal begins behind it, so an older one is of no use.
      CheckpointStore store = new CheckpointStore(disk, side.checkpoints(), spec.id());
      store.write(checkpoint);
      store.writeAgain(checkpoint);
      addAbove(side.checkpoints(), directories);
      arriving.add(relative(side.checkpoints()));
      if (files.isPresent()) {
        for (PinnedFile file : checkpoint.files()) {
          Path target = side.broker().resolve(file.path());
          disk.createDirectories(target.getParent());
          copy(files.get().resolve(file.path()), file.lengthBytes(), target);
          addAbove(target.getParent(), directories);
        }
        arriving.addAll(ReplicaRebuild.topDirectories(checkpoint));
      }
    }
    for (Path directory : directories.descendingSet()) {
      disk.forceDirectory(directory);
    }
    return arriving;
  }

  private void addAbove(Path from, Set<Path> directories) {
    for (Path each = from; each.startsWith(broker); each = each.getParent()) {
      directories.add(each);
    }
  }

  private Path relative(Path path) {
    return side.broker().relativize(path);
  }

  /**
   * What is to be set aside when the copy comes, whether it is there or not, relative to the
   * broker's directory.
   *
   * @param owned directories of the group's own
   */
  List<Path> leaving(List<Path> owned) {
    List<Path> leaving = new ArrayList<>(owned);
    ReplicaFiles files = new ReplicaFiles(broker, spec);
    for (Path path : List.of(files.raftGroup(), files.checkpoints(), files.rebuild())) {
      leaving.add(broker.relativize(path));
    }
    return leaving;
  }

  private void copy(Path from, long lengthBytes, Path to) throws IOException {
    if (disk.exists(from)) {
      try (DiskFile in = disk.open(from, OpenMode.READ)) {
        FileCopy.copy(disk, in::read, lengthBytes, to, () -> false);
      }
    } else {
      FileCopy.copy(disk, (_, _) -> 0, lengthBytes, to, () -> false);
    }
  }
}
