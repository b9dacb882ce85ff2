package io.ottla.broker.store;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.groups.GroupTable;
import io.ottla.log.LogCapture;
import io.ottla.log.LogFile;
import io.ottla.replication.ReplicatedState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * A store at one index. Made by the apply thread, used by the checkpoint thread while the store
 * goes on.
 */
final class StoreCapture implements ReplicatedState.Capture {
  private final int group;
  private final Disk disk;
  private final PartitionDirectories directories;
  private final List<Part> parts;
  private final GroupTable.Snapshot groups;
  private final ExpiredProducers expired;
  private final Queue<String> allDoomed;
  private final List<String> doomed;

  /** One partition at that index. */
  record Part(
      PartitionReplica replica,
      PartitionConfig config,
      LogCapture log,
      PartitionProducers.Snapshot producers) {}

  /**
   * @param allDoomed the store's own queue of directories of dropped partitions: those in it now
   *     are removed, and leave it, once this is durable
   */
  StoreCapture(
      int group,
      Disk disk,
      PartitionDirectories directories,
      List<Part> parts,
      GroupTable.Snapshot groups,
      ExpiredProducers expired,
      Queue<String> allDoomed) {
    this.group = group;
    this.disk = disk;
    this.directories = directories;
    this.parts = parts;
    this.groups = groups;
    this.expired = expired;
    this.allDoomed = allDoomed;
    this.doomed = List.copyOf(allDoomed);
  }

  @Override
  public void force() throws IOException {
    for (Part part : parts) {
      try {
        forceDirectory(part.replica());
        part.log().force();
      } catch (IOException e) {
        if (!part.replica().isDropped()) {
          throw e;
        }
      }
      if (part.replica().isDropped()) {
        forceMovedAside(part.replica());
      }
    }
    directories.force();
  }

  private void forceDirectory(PartitionReplica replica) throws IOException {
    if (!replica.isDirectoryDurable()) {
      Path directory = directories.path(replica.directoryName());
      forceFile(directory.resolve(PartitionMetadata.FILE_NAME));
      disk.forceDirectory(directory);
      replica.directoryIsDurable();
    }
  }

  /**
   * The partition was dropped, and its files closed and moved, since this capture was made. The
   * checkpoint still promises them: a restart comes back to them before it drops them again.
   */
  private void forceMovedAside(PartitionReplica replica) throws IOException {
    Path directory = directories.path(replica.awaitMovedAside());
    for (Path file : disk.list(directory)) {
      forceFile(file);
    }
    disk.forceDirectory(directory);
  }

  private void forceFile(Path path) throws IOException {
    try (DiskFile file = disk.open(path, Disk.OpenMode.READ_WRITE)) {
      file.force();
    }
  }

  @Override
  public byte[] state() {
    List<StoreCheckpoint.Part> states = new ArrayList<>(parts.size());
    for (Part part : parts) {
      states.add(
          new StoreCheckpoint.Part(
              part.replica().metadata(), part.config(), part.log().checkpoint(), part.producers()));
    }
    return new StoreCheckpoint(group, states, expired, groups.toBytes()).toBytes();
  }

  @Override
  public List<ReplicatedState.PinnedFile> files() {
    List<ReplicatedState.PinnedFile> files = new ArrayList<>();
    for (Part part : parts) {
      Path directory = directories.relativePath(part.replica().directoryName());
      files.add(
          new ReplicatedState.PinnedFile(
              directory.resolve(PartitionMetadata.FILE_NAME),
              part.replica().metadata().toBytes().length));
      for (LogFile file : part.log().files()) {
        files.add(
            new ReplicatedState.PinnedFile(directory.resolve(file.path()), file.lengthBytes()));
      }
    }
    return files;
  }

  @Override
  public void durable() throws IOException {
    for (Part part : parts) {
      part.replica().removeDoomed(part.log());
    }
    for (String name : doomed) {
      directories.remove(name);
      allDoomed.remove(name);
    }
  }
}
