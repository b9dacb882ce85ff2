package io.ottla.broker.identity;

import io.ottla.disk.Disk;
import io.ottla.replication.SalvageSwap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The content of {@code <data-dir>/<log_directory>/recovery.json}: a group's recovery that was
 * begun and has to be finished. While it is there, the cluster is not started. Immutable.
 *
 * @param version of this file
 * @param group the group's number
 * @param from the broker whose replica all get
 * @param aside how the directories end that the members' files are put in
 * @param swap what is to be done
 */
record RecoveryFile(int version, int group, int from, String aside, SalvageSwap swap) {
  private static final String NAME = "recovery.json";

  RecoveryFile {
    Objects.requireNonNull(aside, "aside");
    Objects.requireNonNull(swap, "swap");
  }

  private static SealedJson<RecoveryFile> json(Disk disk) {
    return SealedJson.of(disk, RecoveryFile.class, RecoveryFile.class, file -> file);
  }

  /**
   * The one that lies in a cluster's directories, if there is one.
   *
   * @throws IOException when there is one and it cannot be read
   */
  static Optional<RecoveryFile> find(Disk disk, List<Path> dataDirectories, String logDirectory)
      throws IOException {
    for (Path dataDirectory : dataDirectories) {
      IdentityRead<RecoveryFile> read = json(disk).read(path(dataDirectory, logDirectory));
      if (read.damage().isPresent()) {
        throw new IOException(read.path() + ": " + read.damage().get());
      }
      if (read.value().isPresent()) {
        return read.value();
      }
    }
    return Optional.empty();
  }

  private static Path path(Path dataDirectory, String logDirectory) {
    return dataDirectory.resolve(logDirectory).resolve(NAME);
  }

  /** From now on it has to be finished. Durable when this returns. */
  void write(Disk disk, Path dataDirectory, String logDirectory) throws IOException {
    json(disk).write(path(dataDirectory, logDirectory), this);
  }

  /** It is finished. Durable when this returns. */
  static void remove(Disk disk, List<Path> dataDirectories, String logDirectory)
      throws IOException {
    for (Path dataDirectory : dataDirectories) {
      Path path = path(dataDirectory, logDirectory);
      if (disk.exists(path)) {
        disk.delete(path);
        disk.forceDirectory(path.getParent());
      }
    }
  }
}
