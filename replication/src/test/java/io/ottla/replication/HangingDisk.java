package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.disk.SystemDisk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
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
    Disk real = new SystemDisk();
    return (Disk)
        Proxy.newProxyInstance(
            Disk.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (_, method, arguments) -> {
              Path hanging = hangsBelow;
              if (hanging != null && ((Path) arguments[0]).startsWith(hanging)) {
                awaitUninterrupted();
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
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
