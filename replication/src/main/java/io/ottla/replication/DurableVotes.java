package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.journal.JournalNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes the votes of one broker's replicas durable: Ratis renames a file for each, and forces no
 * name. Thread-safe.
 */
final class DurableVotes {
  private final Disk disk;

  /** Groups of which a vote has been forced since the start, and with it the place it is in. */
  private final Set<Integer> placed = ConcurrentHashMap.newKeySet();

  DurableVotes(Disk disk) {
    this.disk = disk;
  }

  /**
   * What the replica has just voted is durable when this returns. Its first vote may come before
   * the names of its directories are forced.
   */
  void force(int group, Path journal) throws IOException {
    if (placed.contains(group)) {
      disk.forceDirectory(journal);
    } else {
      JournalNames.forcePlace(disk, journal);
      placed.add(group);
    }
  }
}
