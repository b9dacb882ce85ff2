package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.disk.PassingFile;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * A disk whose reads of open files are counted. Something may be done behind each of them, in the
 * reader's thread. Thread-safe.
 */
final class WatchedDisk {
  private final AtomicLong readBytes = new AtomicLong();
  private final Disk disk;
  private volatile AfterRead afterRead = (_, _) -> {};

  /** What is done behind a read. */
  @FunctionalInterface
  interface AfterRead {
    /**
     * Called before the reader gets its bytes, which may be changed.
     *
     * @param bytes from their start to their position
     */
    void run(ByteBuffer bytes, long positionBytes) throws IOException;
  }

  WatchedDisk(Disk real) {
    disk =
        wrapped(real, result -> result instanceof DiskFile file ? new WatchedFile(file) : result);
  }

  Disk disk() {
    return disk;
  }

  void afterRead(AfterRead task) {
    afterRead = task;
  }

  /** Bytes that were read of open files since this was asked last. */
  long takeReadBytes() {
    return readBytes.getAndSet(0);
  }

  /** That disk, but for the results of its methods. */
  private static Disk wrapped(Disk real, UnaryOperator<Object> results) {
    return (Disk)
        Proxy.newProxyInstance(
            Disk.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (_, method, arguments) -> {
              try {
                return results.apply(method.invoke(real, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private final class WatchedFile extends PassingFile {
    WatchedFile(DiskFile real) {
      super(real);
    }

    @Override
    public int read(ByteBuffer target, long positionBytes) throws IOException {
      int count = super.read(target, positionBytes);
      readBytes.addAndGet(count);
      afterRead.run(target, positionBytes);
      return count;
    }
  }
}
