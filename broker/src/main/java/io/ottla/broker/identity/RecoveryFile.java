package io.ottla.broker.identity;

import io.ottla.disk.Disk;
import io.ottla.replication.SalvageSwap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The content of {@code <data-dir>/<log_directory>/recovery.json}: a group's recovery that was
 * begun and has to be finished. While it is there, the cluster is not started. Immutable.
 *
 * <p>{@code recovery.copy} beside it says the same. Each of them counts alone, as nothing else
 * tells what lies where while the files are being moved.
 *
 * @param version of this file
 * @param group the group's number
 * @param from the broker whose replica all get
 * @param aside how the directories end that the members' files are put in
 * @param swap what is to be done
 */
record RecoveryFile(int version, int group, int from, String aside, SalvageSwap swap) {
  private static final List<String> NAMES = List.of("recovery.json", "recovery.copy");

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
   * @throws IOException when there is one and none of its copies can be read
   */
  static Optional<RecoveryFile> find(Disk disk, List<Path> dataDirectories, String logDirectory)
      throws IOException {
    List<String> damages = new ArrayList<>();
    for (Path path : paths(dataDirectories, logDirectory)) {
      IdentityRead<RecoveryFile> read = json(disk).read(path);
      if (read.value().isPresent()) {
        return read.value();
      }
      read.damage().ifPresent(damage -> damages.add(path + ": " + damage));
    }
    if (!damages.isEmpty()) {
      throw new IOException(String.join("; ", damages));
    }
    return Optional.empty();
  }

  private static List<Path> paths(List<Path> dataDirectories, String logDirectory) {
    return dataDirectories.stream()
        .map(dataDirectory -> dataDirectory.resolve(logDirectory))
        .flatMap(directory -> NAMES.stream().map(directory::resolve))
        .toList();
  }

  /** From now on it has to be finished; what is whole already stays. Durable at the end. */
  void write(Disk disk, Path dataDirectory, String logDirectory) throws IOException {
    for (Path path : paths(List.of(dataDirectory), logDirectory)) {
      if (!json(disk).holds(path, this)) {
        json(disk).write(path, this);
      }
    }
  }

  /** It is finished. Durable when this returns. */
  static void remove(Disk disk, List<Path> dataDirectories, String logDirectory)
      throws IOException {
    for (Path path : paths(dataDirectories, logDirectory)) {
      if (disk.exists(path)) {
        disk.delete(path);
        disk.forceDirectory(path.getParent());
      }
    }
  }
}
