package io.ottla.catalog;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A broker's state as a SQLite file, for people: written behind, never read by the system.
 *
 * <p>Nothing that somebody does to the file hurts. What is edited is put right by the next
 * projection; what is no sound catalog (damaged, emptied, of a newer version, not a file) is moved
 * to {@code catalog.db.damaged-<n>} and made anew; while it is locked or the disk is full it stays
 * as it is, and the next projection catches up.
 *
 * <h2>Threads</h2>
 *
 * Thread-safe, for the sake of stopping: one thread projects, another may {@link #close}, which
 * waits for a projection that is under way. The lock guards the connection and is held across its
 * I/O: nobody else ever waits for it.
 *
 * <h2>Failure</h2>
 *
 * {@code IOException}: the disk failed, or the file can be neither used nor moved away. The catalog
 * may be projected to again.
 */
public final class Catalog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

  /** Disk that a reader who never ends may cost. */
  private static final long WAL_LIMIT_BYTES = 64 << 20;

  private final Path file;
  private final Schema schema;
  private final long walLimitBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private CatalogConnection connection;
  private boolean lagging;
  private boolean closed;

  private Catalog(Path file, Schema schema, long walLimitBytes) {
    this.file = file;
    this.schema = schema;
    this.walLimitBytes = walLimitBytes;
  }

  /**
   * A catalog in that file, made if it is missing and made anew if it is damaged. If it cannot be
   * opened yet because somebody holds it locked, {@link #project} tries again.
   *
   * @param file in a directory that exists
   * @throws IOException when the disk failed
   */
  public static Catalog open(Path file) throws IOException {
    return open(file, Schema.current(), WAL_LIMIT_BYTES);
  }

  static Catalog open(Path file, Schema schema, long walLimitBytes) throws IOException {
    Catalog catalog = new Catalog(Objects.requireNonNull(file, "file"), schema, walLimitBytes);
    catalog.attempt(() -> true);
    return catalog;
  }

  /**
   * Makes the file show the snapshot, in one transaction; what is shown already is not written, and
   * rows that stay keep their ids.
   *
   * @return whether it does; false when somebody holds the file locked or the disk is full (the
   *     next projection catches up), and once it is closed
   * @throws IOException when the disk failed
   */
  public boolean project(CatalogSnapshot snapshot) throws IOException {
    ConsistentRows rows = ConsistentRows.of(snapshot);
    lock.lock();
    try {
      return !closed && attempt(() -> connection.show(rows, walLimitBytes));
    } finally {
      lock.unlock();
    }
  }

  /** Something to do with the open connection. */
  private interface Work {
    boolean run() throws SQLException, IOException;
  }

  /** Does it, a second time with a new file if the first was damaged. */
  private boolean attempt(Work work) throws IOException {
    boolean madeAnew = false;
    while (true) {
      try {
        if (connection != null && !connection.isInPlace()) {
          LOG.warn("catalog was replaced, opening it again: file={}", file);
          disconnect();
        }
        if (connection != null && connection.isEdited()) {
          disconnect();
        }
        if (connection == null) {
          CatalogFile.createIfMissing(file);
          connection = CatalogConnection.open(file, schema);
        }
        return caughtUp(work.run(), "a reader keeps its WAL from shrinking");
      } catch (SQLException e) {
        switch (Trouble.of(e, file)) {
          case LATER -> {
            return caughtUp(false, e.getMessage());
          }
          case DISK -> {
            disconnect();
            throw new IOException("catalog cannot be written: " + file, e);
          }
          case DAMAGE -> {
            disconnect();
            if (madeAnew) {
              return caughtUp(false, "made anew and damaged again: " + e.getMessage());
            }
            madeAnew = true;
            Path aside = CatalogFile.setAside(file);
            LOG.warn("damaged catalog set aside: file={} reason={}", aside, e.getMessage());
          }
        }
      }
    }
  }

  private boolean caughtUp(boolean now, String reason) {
    if (!now && !lagging) {
      LOG.warn("catalog lags behind: file={} reason={}", file, reason);
    } else if (now && lagging) {
      LOG.info("catalog has caught up: file={}", file);
    }
    lagging = !now;
    return now;
  }

  /** Lets the file go for good; it stays as it is, and no later projection touches it. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      disconnect();
    } finally {
      lock.unlock();
    }
  }

  private void disconnect() {
    if (connection == null) {
      return;
    }
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.warn("catalog did not close cleanly: file={}", file, e);
    }
    connection = null;
  }

  /** What an error of SQLite means for the catalog. */
  private enum Trouble {
    /** Somebody's lock, or no room: it passes. */
    LATER,
    /** The file is not what it should be. */
    DAMAGE,
    /** The disk or its file system does not do its work. */
    DISK;

    /** Primary result codes are the lowest byte of the extended ones. */
    private static final int PRIMARY = 0xff;

    static Trouble of(SQLException e, Path file) {
      int code =
          e instanceof SQLiteException sqlite ? sqlite.getResultCode().code : e.getErrorCode();
      if (e instanceof DamagedCatalogException
          || code == SQLiteErrorCode.SQLITE_IOERR_SHORT_READ.code) {
        return DAMAGE;
      }
      if (code == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE.code) {
        return LATER;
      }
      return switch (SQLiteErrorCode.getErrorCode(code & PRIMARY)) {
        case SQLITE_BUSY,
            SQLITE_LOCKED,
            SQLITE_PROTOCOL,
            SQLITE_FULL,
            SQLITE_NOMEM,
            SQLITE_INTERRUPT ->
            LATER;
        case SQLITE_CANTOPEN -> CatalogFile.isReadable(file) ? LATER : DAMAGE;
        case SQLITE_IOERR -> DISK;
        default -> DAMAGE;
      };
    }
  }
}
