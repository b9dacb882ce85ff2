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
 * One replica's checkpoints. The newest two files are kept. One owner at a time.
 *
 * <pre>{@code
 * <broker dir>/checkpoints/<group>/<20 digits of the index>.checkpoint
 *                                  <20 digits of the index>.copy.checkpoint   the same once more
 *                                  checkpoint.damaged                         the last one set aside
 * }</pre>
 */
final class CheckpointStore {
  private static final Logger log = LoggerFactory.getLogger(CheckpointStore.class);
  private static final String SUFFIX = ".checkpoint";
  private static final String AGAIN_SUFFIX = ".copy.checkpoint";

  private final Disk disk;
  private final Path directory;
  private final UUID group;
  private boolean namesForced;

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

  /**
   * What was read here survives a power cut from now on: a process that was killed may have renamed
   * a checkpoint without forcing its name. To be called before anything is removed that only an
   * older one needs.
   */
  void force() throws IOException {
    disk.forceDirectory(directory);
    forceNames();
  }

  /** Whether there ever was one. */
  boolean isEmpty() throws IOException {
    return paths().isEmpty();
  }

  /** Durable when this returns. */
  void write(Checkpoint checkpoint) throws IOException {
    write(checkpoint, SUFFIX);
  }

  /** The same under a second name: then both that are kept are of one index. */
  void writeAgain(Checkpoint checkpoint) throws IOException {
    write(checkpoint, AGAIN_SUFFIX);
  }

  private void write(Checkpoint checkpoint, String suffix) throws IOException {
    if (!namesForced) {
      // Also of a directory that is there: whoever made it may have been killed before forcing it.
      disk.createDirectories(directory);
      forceNames();
    }
    disk.writeDurably(
        directory.resolve(String.format("%020d", checkpoint.index()) + suffix),
        checkpoint.toBytes());
  }

  private void forceNames() throws IOException {
    disk.forceDirectory(directory.getParent());
    disk.forceDirectory(directory.getParent().getParent());
    namesForced = true;
  }

  /**
   * Lets all go but those of two indexes. Any other that is newer than the older of the two was
   * passed over at the start: it is damaged, and the last such one is set aside.
   */
  void keep(long older, long newer) throws IOException {
    for (Path path : paths()) {
      long index = Long.parseLong(path.getFileName().toString().substring(0, 20));
      boolean doubled = older == newer || !path.toString().endsWith(AGAIN_SUFFIX);
      if (index < older || (index == older && !doubled && hasPlain(older))) {
        disk.delete(path);
      } else if (index != older && index != newer) {
        disk.rename(path, directory.resolve("checkpoint.damaged"));
        log.warn("damaged checkpoint is set aside: path={} as=checkpoint.damaged", path);
      }
    }
    disk.forceDirectory(directory);
  }

  private boolean hasPlain(long index) throws IOException {
    return disk.exists(directory.resolve(String.format("%020d", index) + SUFFIX));
  }

  private List<Path> paths() throws IOException {
    List<Path> paths = new ArrayList<>(disk.list(directory));
    paths.removeIf(path -> !path.getFileName().toString().endsWith(SUFFIX));
    return paths;
  }
}
