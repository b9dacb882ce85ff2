package io.ottla.log;

import io.ottla.disk.Disk;
import io.ottla.disk.DiskFile;
import io.ottla.disk.Exhaustion;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The open files of all logs of a broker, at most so many: the longest unused are closed and opened
 * anew when they are needed. Thread-safe.
 *
 * <p>A file in use is never closed, so for moments there may be more. The lock guards {@link
 * #byUse} and the state of every {@link Slot}; nothing is opened, read or closed under it.
 */
public final class OpenFiles {
  /** Appliers wait so long: then their broker fails, and comes back when there are descriptors. */
  private static final long PATIENCE_NANOS = Duration.ofSeconds(3).toNanos();

  private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

  private final int maxOpen;

  /** The slots whose file is open, the longest unused first. */
  private final LinkedHashSet<Slot> byUse = new LinkedHashSet<>();

  public OpenFiles(int maxOpen) {
    if (maxOpen < 1) {
      throw new IllegalArgumentException("maxOpen=" + maxOpen);
    }
    this.maxOpen = maxOpen;
  }

  /** How many are open now. */
  public synchronized int count() {
    return byUse.size();
  }

  /**
   * Opens a file. If there is no descriptor left, files that are not in use are closed for it; and
   * it is waited for, as others let theirs go sooner or later.
   */
  private DiskFile open(Disk disk, Path path) throws IOException {
    long startedNanos = System.nanoTime();
    while (true) {
      try {
        return disk.open(path, Disk.OpenMode.READ_WRITE);
      } catch (IOException e) {
        if (Exhaustion.of(e).orElse(null) != Exhaustion.DESCRIPTORS
            || System.nanoTime() - startedNanos > PATIENCE_NANOS) {
          throw e;
        }
      }
      List<DiskFile> unused;
      synchronized (this) {
        unused = evict(byUse.size() / 2);
      }
      closeAll(unused);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** A place for one existing file, which is not opened yet. */
  Slot slot(Disk disk, Path path) {
    return new Slot(disk, path);
  }

  private static void closeAll(List<DiskFile> files) throws IOException {
    for (DiskFile file : files) {
      file.close();
    }
  }

  /** The unused files beyond a bound, taken out of their slots. The caller holds the lock. */
  private List<DiskFile> evict(int most) {
    if (byUse.size() <= most) {
      return List.of();
    }
    List<DiskFile> evicted = new ArrayList<>();
    Iterator<Slot> oldest = byUse.iterator();
    while (oldest.hasNext() && byUse.size() > most) {
      Slot slot = oldest.next();
      if (slot.users == 0) {
        oldest.remove();
        evicted.add(slot.file);
        slot.file = null;
      }
    }
    return evicted;
  }

  /** One file, open or not. Thread-safe. */
  final class Slot implements AutoCloseable {
    private final Disk disk;
    private final Path path;
    private DiskFile file;
    private int users;
    private boolean closed;

    private Slot(Disk disk, Path path) {
      this.disk = disk;
      this.path = path;
    }

    Path path() {
      return path;
    }

    /**
     * The open file; it stays open until {@link #release}, which must follow.
     *
     * @throws ClosedChannelException after {@link #close}
     */
    DiskFile acquire() throws IOException {
      DiskFile held = acquireOpen();
      if (held != null) {
        return held;
      }
      DiskFile opened = open(disk, path);
      List<DiskFile> surplus = new ArrayList<>();
      boolean refused;
      synchronized (OpenFiles.this) {
        refused = closed;
        if (refused || file != null) {
          surplus.add(opened);
        } else {
          file = opened;
        }
        if (!refused) {
          users++;
          byUse.add(this);
          held = file;
          surplus.addAll(evict(maxOpen));
        }
      }
      closeAll(surplus);
      if (refused) {
        throw closedFailure();
      }
      return held;
    }

    void release() throws IOException {
      DiskFile last = null;
      synchronized (OpenFiles.this) {
        users--;
        if (closed && users == 0) {
          last = take();
        }
      }
      if (last != null) {
        last.close();
      }
    }

    /** Closes the file when its last user has released it; nobody acquires it again. */
    @Override
    public void close() throws IOException {
      DiskFile last = null;
      synchronized (OpenFiles.this) {
        closed = true;
        if (users == 0) {
          last = take();
        }
      }
      if (last != null) {
        last.close();
      }
    }

    private DiskFile acquireOpen() throws IOException {
      synchronized (OpenFiles.this) {
        if (closed) {
          throw closedFailure();
        }
        if (file != null) {
          users++;
          byUse.remove(this);
          byUse.add(this);
        }
        return file;
      }
    }

    private DiskFile take() {
      DiskFile taken = file;
      file = null;
      byUse.remove(this);
      return taken;
    }

    private IOException closedFailure() {
      ClosedChannelException failure = new ClosedChannelException();
      failure.initCause(new IOException("closed: file=" + path));
      return failure;
    }
  }
}
