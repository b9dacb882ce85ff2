package io.ottla.disk;

import java.nio.file.FileSystems;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What makes a new file or directory its owner's only: 0600 and 0700. Nothing on a system that has
 * no such permissions. Immutable, thread-safe.
 */
public final class OwnersOnly {
  private static final FileAttribute<?>[] FILE = permissions("rw-------");
  private static final FileAttribute<?>[] DIRECTORY = permissions("rwx------");

  private OwnersOnly() {}

  private static FileAttribute<?>[] permissions(String permissions) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /** For the creation of a file. */
  public static FileAttribute<?>[] file() {
    return FILE.clone();
  }

  /** For the creation of a directory. */
  public static FileAttribute<?>[] directory() {
    return DIRECTORY.clone();
  }
}
