package io.ottla.replication;

import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Judges the files that a rebuild copies, for the state that will own them. Used by the rebuild's
 * thread only.
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
}
