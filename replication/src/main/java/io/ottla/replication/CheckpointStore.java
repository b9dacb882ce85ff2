package io.ottla.replication;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica's checkpoints: {@code <broker dir>/checkpoints/<group>/<20 digits of the
 * index>.checkpoint}. The newest two are kept. One owner at a time.
 */
final class CheckpointStore {
  private static final Logger log = LoggerFactory.getLogger(CheckpointStore.class);
  private static final String SUFFIX = ".checkpoint";
  private static final int KEPT = 2;

  private final Disk disk;
  private final Path directory;
  private final UUID group;

  CheckpointStore(Disk disk, Path directory, UUID group) {
    this.disk = disk;
    this.directory = directory;
    this.group = group;
  }

  /** The newest one that is whole. */
  Optional<Checkpoint> newest() throws IOException {
    for (Path path : paths().reversed()) {
      Optional<Checkpoint> checkpoint = Checkpoint.parse(group, disk.readAll(path));
      if (checkpoint.isPresent()) {
        return checkpoint;
      }
      log.warn("checkpoint is damaged: path={}", path);
    }
    return Optional.empty();
  }

  /** Whether there ever was one. */
  boolean isEmpty() throws IOException {
    return paths().isEmpty();
  }

  /** Durable when this returns; older ones go. */
  void write(Checkpoint checkpoint) throws IOException {
    if (!disk.exists(directory)) {
      disk.createDirectories(directory);
      disk.forceDirectory(directory.getParent());
      disk.forceDirectory(directory.getParent().getParent());
    }
    disk.writeDurably(
        directory.resolve(String.format("%020d", checkpoint.index()) + SUFFIX),
        checkpoint.toBytes());
    List<Path> paths = paths();
    for (Path old : paths.subList(0, Math.max(0, paths.size() - KEPT))) {
      disk.delete(old);
    }
  }

  private List<Path> paths() throws IOException {
    List<Path> paths = new ArrayList<>(disk.list(directory));
    paths.removeIf(path -> !path.getFileName().toString().endsWith(SUFFIX));
    return paths;
  }
}
