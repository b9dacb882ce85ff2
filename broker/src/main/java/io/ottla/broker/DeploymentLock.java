package io.ottla.broker;

import io.ottla.disk.OwnersOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Keeps a second process out of the data directories: one locked file in each. Held by one owner
 * until closed; the system frees it if the process dies.
 */
final class DeploymentLock implements AutoCloseable {
  private final List<FileChannel> channels;

  private DeploymentLock(List<FileChannel> channels) {
    this.channels = channels;
  }

  /** Thrown when another process, or another deployment of this one, uses a directory. */
  static final class InUseException extends IOException {
    private static final long serialVersionUID = 1L;

    InUseException(Path directory) {
      super("data directory " + directory + " is in use by another Ottla process");
    }
  }

  /** Locks all or none. */
  static DeploymentLock acquire(List<Path> directories) throws IOException {
    List<FileChannel> channels = new ArrayList<>();
    try {
      for (Path directory : directories) {
        FileChannel channel =
            FileChannel.open(
                directory.resolve("deployment.lock"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                OwnersOnly.file());
        channels.add(channel);
        if (tryLock(channel) == null) {
          throw new InUseException(directory);
        }
      }
      return new DeploymentLock(channels);
    } catch (IOException e) {
      for (FileChannel channel : channels) {
        channel.close();
      }
      throw e;
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    for (FileChannel channel : channels) {
      channel.close();
    }
  }
}
