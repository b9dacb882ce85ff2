package io.ottla.broker;

import io.ottla.catalog.Catalog;
import io.ottla.catalog.CatalogSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SQL view of one running broker, opened by whoever writes it and only then.
 *
 * <p>Nobody reads the view, so nothing about it may keep a broker from its work: whatever fails
 * here, a library that cannot be loaded included, is logged once and tried again later, after
 * pauses that grow.
 *
 * <h2>Threads</h2>
 *
 * Thread-safe: the catalog writer projects, the life cycle closes. The lock guards all fields and
 * is held across the view's I/O: a broker that ends waits for a projection under way, nobody else
 * waits for it.
 */
final class BrokerCatalog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerCatalog.class);
  private static final long FIRST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

  private final Path file;
  private final Opener opener;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private Catalog catalog;
  private long pauseNanos;
  private long failedAtNanos;
  private boolean closed;

  /** Opens the view; {@link Catalog#open} but in tests. */
  interface Opener {
    Catalog open(Path file) throws IOException;
  }

  /** Nothing is opened yet. */
  BrokerCatalog(Path file, Opener opener, LongSupplier nanoTime) {
    this.file = file;
    this.opener = opener;
    this.nanoTime = nanoTime;
  }

  /** Makes the view show the snapshot, unless it failed a short while ago or is closed. */
  void project(CatalogSnapshot snapshot) {
    lock.lock();
    try {
      if (closed || isPausing()) {
        return;
      }
      if (catalog == null) {
        catalog = opener.open(file);
      }
      catalog.project(snapshot);
      if (pauseNanos > 0) {
        LOG.info("catalog is written again: file={}", file);
      }
      pauseNanos = 0;
    } catch (IOException | RuntimeException | Error e) {
      failed(e);
    } finally {
      lock.unlock();
    }
  }

  private boolean isPausing() {
    return pauseNanos > 0 && nanoTime.getAsLong() - failedAtNanos < pauseNanos;
  }

  private void failed(Throwable failure) {
    if (pauseNanos == 0) {
      LOG.warn("catalog not written, the broker goes on without it: file={}", file, failure);
    }
    pauseNanos = Math.clamp(2 * pauseNanos, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
    failedAtNanos = nanoTime.getAsLong();
    release();
  }

  /** Lets the file go; what the view's library throws then is no reason to stop at. */
  private void release() {
    Catalog open = catalog;
    catalog = null;
    if (open == null) {
      return;
    }
    try {
      open.close();
    } catch (RuntimeException | Error e) {
      LOG.warn("catalog did not close cleanly: file={}", file, e);
    }
  }

  /** Lets the file go for good. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      release();
    } finally {
      lock.unlock();
    }
  }
}
