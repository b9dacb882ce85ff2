package io.ottla.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system seen through the few operations whose durability matters. Thread-safe.
 *
 * <p>Nothing is durable by itself: a file's bytes are after {@link DiskFile#force}, a created,
 * renamed or deleted name is after {@link #forceDirectory} of its parent. {@link SystemDisk} is the
 * real one; tests put one underneath that drops what was not forced.
 *
 * <p>Missing is only what the system says is not there. Any other error of looking is an {@link
 * IOException}, because callers decide by what is missing whether a disk was lost.
 */
public interface Disk {
  /** How {@link #open} treats the file. */
  enum OpenMode {
    /** The file must exist; writing fails. */
    READ,
    /** The file must exist. */
    READ_WRITE,
    /** The file must not exist; it is created, empty. */
    CREATE
  }

  /**
   * Opens a file.
   *
   * @throws java.nio.file.NoSuchFileException for {@code READ} and {@code READ_WRITE} of a missing
   *     file
   * @throws java.nio.file.FileAlreadyExistsException for {@code CREATE} of an existing one
   */
  DiskFile open(Path path, OpenMode mode) throws IOException;

  /**
   * Moves a file or directory over {@code to}, atomically; an existing file there is replaced, an
   * existing directory is an error.
   */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file or an empty directory; a missing one is no error. */
  void delete(Path path) throws IOException;

  /** Deletes a directory and all below it, without following links; a missing one is no error. */
  void deleteTree(Path path) throws IOException;

  /** Creates the directory and its missing parents, for their owner only where a system can. */
  void createDirectories(Path directory) throws IOException;

  /** Makes the names in this directory durable. */
  void forceDirectory(Path directory) throws IOException;

  /**
   * The entries of a directory, sorted by name; empty when it is missing.
   *
   * @throws IOException when it cannot be looked at, or is no directory: nothing is known then
   */
  List<Path> list(Path directory) throws IOException;

  /**
   * Whether something has this name, be it a link that leads nowhere; nothing has a name within a
   * file.
   *
   * @throws IOException when that cannot be found out: what cannot be looked at is not missing
   */
  boolean exists(Path path) throws IOException;

  /** The size of a file in bytes. */
  long sizeBytes(Path path) throws IOException;

  /** All bytes of a (small) file. */
  byte[] readAll(Path path) throws IOException;

  /**
   * Replaces a small file durably: written beside it, forced, renamed over it, the directory
   * forced.
   */
  void writeDurably(Path path, byte[] bytes) throws IOException;

  /**
   * How much room there is where this directory lies.
   *
   * @throws IOException when that cannot be found out, also because it is missing
   */
  default DiskSpace space(Path directory) throws IOException {
    return DiskSpace.UNBOUNDED;
  }
}
