package io.ottla.replication;

import io.ottla.disk.Disk;
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
            awaitUninterrupted();
          }
        });
  }

  private void awaitUninterrupted() {
    boolean interrupted = false;
    while (goesOn.getCount() > 0) {
      try {
        goesOn.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
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
