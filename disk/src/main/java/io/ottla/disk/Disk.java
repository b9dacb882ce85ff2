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

  /** Creates the directory and its missing parents. */
  void createDirectories(Path directory) throws IOException;

  /** Makes the names in this directory durable. */
  void forceDirectory(Path directory) throws IOException;

  /** The entries of a directory, sorted by name; empty when it is missing. */
  List<Path> list(Path directory) throws IOException;

  /** Whether something has this name. */
  boolean exists(Path path);

  /** The size of a file in bytes. */
  long sizeBytes(Path path) throws IOException;

  /** All bytes of a (small) file. */
  byte[] readAll(Path path) throws IOException;

  /**
   * Replaces a small file durably: written beside it, forced, renamed over it, the directory
   * forced.
   */
  void writeDurably(Path path, byte[] bytes) throws IOException;
}
