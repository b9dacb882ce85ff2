package io.ottla.replication;

import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Judges the files that a rebuild copies, and where they go, for the state that will own them. Used
 * by the rebuild's thread only.
 */
@FunctionalInterface
public interface FileCheck {
  /** Takes every file as it is: of a state that has none. */
  FileCheck NONE = (_, _) -> {};

  /**
   * A file has been copied in full, in the order of the checkpoint's files; it is not in its place
   * yet. Bytes in it that are damaged are replaced by another replica's, where one has them whole;
   * otherwise they stay, and are found again by whoever reads them.
   *
   * @param copy where it lies now
   * @throws IOException when the disk below the copy fails
   */
  void copied(PinnedFile file, Path copy) throws IOException;

  /**
   * Where a directory of the other broker goes here. What stands there is the group's own and goes
   * when the copy comes, and nobody else may take the place until then.
   *
   * @param directory that of some of the checkpoint's files, relative to the other broker's
   * @return relative to this broker's directory; another one for each directory, and the same when
   *     asked again
   */
  default Path place(Path directory) throws IOException {
    return directory;
  }
}
