package io.ottla.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A write transaction. It takes the lock at once, so that waiting for another writer happens before
 * anything was read or written.
 */
final class Transaction {
  private Transaction() {}

  /** What is done inside. */
  interface Work {
    /** Does it. */
    void run() throws SQLException;
  }

  /** Does the work and the further statements entirely or not at all. */
  static void run(Connection connection, Work work, String... further) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      try {
        work.run();
        for (String sql : further) {
          statement.execute(sql);
        }
        statement.execute("COMMIT");
      } catch (SQLException | RuntimeException | Error e) {
        try {
          statement.execute("ROLLBACK");
        } catch (SQLException alreadyRolledBack) {
          e.addSuppressed(alreadyRolledBack);
        }
        throw e;
      }
    }
  }
}
