package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.replication.journal.Uninterrupted;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * The machine's disk, of which a part can be made to hang: what is asked of names below it then
 * never answers until it is let go. Files that are open already go on. Thread-safe.
 */
final class HangingDisk implements AutoCloseable {
  private final CountDownLatch goesOn = new CountDownLatch(1);
  private volatile Path hangsBelow;

  Disk disk() {
    return HookedDisk.before(
        (_, path) -> {
          Path hanging = hangsBelow;
          if (hanging != null && path.startsWith(hanging)) {
            Uninterrupted.await(goesOn::await);
          }
        });
  }

  void hang(Path below) {
    hangsBelow = below;
  }

  /** It goes on. */
  @Override
  public void close() {
    goesOn.countDown();
  }
}
