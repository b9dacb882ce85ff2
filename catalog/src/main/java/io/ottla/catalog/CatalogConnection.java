package io.ottla.catalog;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;

/**
 * The one connection that writes a catalog, and what the file showed after its last projection. One
 * owner at a time.
 *
 * <p>Nobody is locked out between projections, so others may write too: SQLite's {@code
 * data_version} tells that somebody did. Then memory is no longer trusted: the owner opens the file
 * anew, which checks it, and the tables are read and put right.
 */
final class CatalogConnection implements AutoCloseable {
  /**
   * How long to wait for a lock that somebody else holds, before trying again at the next
   * projection.
   */
  private static final int BUSY_TIMEOUT_MS = 250;

  /** What the WAL file shrinks to once it was copied into the database. */
  private static final int WAL_KEPT_BYTES = 4 << 20;

  private final Path file;
  private final Connection connection;
  private final Schema schema;
  private final Object identity;
  private final Object walIdentity;
  private ConsistentRows shown;
  private long shownVersion;

  private CatalogConnection(Path file, Connection connection, Schema schema) throws IOException {
    this.file = file;
    this.connection = connection;
    this.schema = schema;
    this.identity = CatalogFile.identity(file);
    this.walIdentity = CatalogFile.identity(CatalogFile.wal(file));
  }

  /**
   * Opens an existing file, checks all of it and brings it to the schema's version.
   *
   * @throws DamagedCatalogException when it is not a sound catalog
   */
  static CatalogConnection open(Path file, Schema schema) throws SQLException, IOException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.enforceForeignKeys(true);
    Connection connection = config.createConnection("jdbc:sqlite:" + CatalogFile.uri(file));
    try {
      try (Statement statement = connection.createStatement()) {
        // Nothing that a stranger put into the schema is executed.
        statement.execute("PRAGMA trusted_schema = OFF");
        statement.execute("PRAGMA journal_mode = WAL");
        // A view that can be made anew: the operating system may write it when it likes.
        statement.execute("PRAGMA synchronous = NORMAL");
        statement.execute("PRAGMA journal_size_limit = " + WAL_KEPT_BYTES);
      }
      String damage = text(connection, "PRAGMA integrity_check(1)");
      if (!damage.equals("ok")) {
        throw new DamagedCatalogException(damage);
      }
      schema.migrate(connection);
      return new CatalogConnection(file, connection, schema);
    } catch (SQLException | IOException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException notClosed) {
        e.addSuppressed(notClosed);
      }
      throw e;
    }
  }

  /** Whether another connection has changed the file since the last projection. */
  boolean isEdited() throws SQLException {
    return shown != null && shownVersion != dataVersion();
  }

  /** Whether the path still leads to the files that this connection writes. */
  boolean isInPlace() throws IOException {
    return identity.equals(CatalogFile.identity(file))
        && walIdentity.equals(CatalogFile.identity(CatalogFile.wal(file)));
  }

  /**
   * Makes the file show these rows. After an exception it shows what it showed.
   *
   * @param walLimitBytes how large the WAL may have become: a reader that never ends keeps SQLite
   *     from emptying it
   * @return false when the WAL is too large and cannot be emptied now
   */
  boolean show(ConsistentRows rows, long walLimitBytes) throws SQLException, IOException {
    if (rows.equals(shown) && !isEdited()) {
      return true;
    }
    if (CatalogFile.sizeBytes(CatalogFile.wal(file)) > walLimitBytes
        && !text(connection, "PRAGMA wal_checkpoint(TRUNCATE)").equals("0")) {
      return false;
    }
    long[] version = new long[1];
    Transaction.run(
        connection,
        () -> {
          version[0] = dataVersion();
          TableWriter writer = new TableWriter(connection);
          if (shown != null && shownVersion == version[0]) {
            writer.update(shown, rows);
          } else {
            schema.verify(connection);
            writer.reconcile(rows);
          }
        });
    shown = rows;
    shownVersion = version[0];
    return true;
  }

  /** Changes when another connection has changed the file. */
  private long dataVersion() throws SQLException {
    return Long.parseLong(text(connection, "PRAGMA data_version"));
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? result.getString(1) : "";
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
