package io.ottla.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The tables of a catalog and how an older file gets them. Immutable.
 *
 * <p>Version n is what the first n steps make of an empty file; the file says in {@code PRAGMA
 * user_version} which it has. A step, once released, never changes: a new version is a new step.
 */
final class Schema {
  /** Marks a SQLite file as a catalog: "Ottl". */
  private static final int APPLICATION_ID = 0x4f74746c;

  private static final Schema CURRENT = new Schema(released());

  private final List<String> steps;
  private final List<String> expected;

  /** The schema that these steps make, the first one first. */
  Schema(List<String> steps) {
    this.steps = List.copyOf(steps);
    try (Connection empty = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      migrate(empty);
      this.expected = describe(empty);
    } catch (SQLException e) {
      throw new IllegalStateException("the catalog's schema does not work", e);
    }
  }

  /** The schema of this version of the program. */
  static Schema current() {
    return CURRENT;
  }

  /** The steps that are part of the program. */
  static List<String> released() {
    List<String> steps = new ArrayList<>();
    for (int version = 1; ; version++) {
      String name = String.format(Locale.ROOT, "/schema/%03d.sql", version);
      try (InputStream in = Schema.class.getResourceAsStream(name)) {
        if (in == null) {
          return steps;
        }
        steps.add(new String(in.readAllBytes(), UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Brings an empty or older file to this version, each step in a transaction of its own.
   *
   * @throws DamagedCatalogException when the file is not a catalog, or one of a newer version
   */
  void migrate(Connection connection) throws SQLException {
    long version = number(connection, "PRAGMA user_version");
    if (version == 0 && number(connection, "SELECT count(*) FROM sqlite_master") > 0) {
      throw new DamagedCatalogException("it is another program's file");
    }
    if (version > 0 && number(connection, "PRAGMA application_id") != APPLICATION_ID) {
      throw new DamagedCatalogException("it is another program's file");
    }
    if (version < 0 || version > steps.size()) {
      throw new DamagedCatalogException(
          "its version is " + version + ", newer than " + steps.size());
    }
    for (int next = (int) version + 1; next <= steps.size(); next++) {
      String step = steps.get(next - 1);
      Transaction.run(
          connection,
          () -> {
            try (Statement statement = connection.createStatement()) {
              statement.executeUpdate(step);
            }
          },
          "PRAGMA application_id = " + APPLICATION_ID,
          "PRAGMA user_version = " + next);
    }
  }

  /**
   * Checks that the tables are exactly those of this version. Somebody's own tables and views
   * beside them are no concern.
   *
   * @throws DamagedCatalogException when they are not
   */
  void verify(Connection connection) throws SQLException {
    if (!describe(connection).equals(expected)) {
      throw new DamagedCatalogException("its tables are not those of version " + steps.size());
    }
  }

  private static List<String> describe(Connection connection) throws SQLException {
    List<String> description = new ArrayList<>();
    description.add("version " + number(connection, "PRAGMA user_version"));
    StringBuilder names = new StringBuilder();
    for (Table<?, ?> table : Tables.ALL) {
      names.append(names.isEmpty() ? "'" : ",'").append(table.name()).append('\'');
    }
    try (Statement statement = connection.createStatement();
        ResultSet objects =
            statement.executeQuery(
                "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE lower(tbl_name) IN ("
                    + names
                    + ") ORDER BY type, name")) {
      while (objects.next()) {
        description.add(
            String.join(
                " | ",
                objects.getString(1),
                objects.getString(2),
                objects.getString(3),
                String.valueOf(objects.getString(4))));
      }
    }
    return description;
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? result.getLong(1) : 0;
    }
  }
}
