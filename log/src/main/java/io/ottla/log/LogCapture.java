package io.ottla.log;

import java.io.IOException;
import java.util.List;

/**
 * A log at one moment, for a checkpoint. Made by the apply thread; used by the checkpoint thread,
 * while the log goes on.
 */
public interface LogCapture {
  /** What {@link PartitionLog#restore} comes back to. */
  LogCheckpoint checkpoint();

  /** Makes durable what the checkpoint speaks of. After a failure the log must be restored. */
  void force() throws IOException;

  /** The files that the checkpoint speaks of; indexes are not among them, restoring makes them. */
  List<LogFile> files();

  /** The checkpoint is durable: files that it does not name, and no later one will, are removed. */
  void removeDoomed() throws IOException;
}
