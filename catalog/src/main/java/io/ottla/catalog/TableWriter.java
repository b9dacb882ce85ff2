package io.ottla.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the tables show given rows, writing no more than differs. Used inside a transaction; one
 * owner at a time.
 */
final class TableWriter {
  private final Connection connection;

  TableWriter(Connection connection) {
    this.connection = connection;
  }

  /** The tables show {@code shown}, surely: only the difference in memory is written. */
  void update(ConsistentRows shown, ConsistentRows wanted) throws SQLException {
    for (Table<?, ?> table : Tables.ALL.reversed()) {
      deleteRemoved(table, shown, wanted);
    }
    for (Table<?, ?> table : Tables.ALL) {
      upsertChanged(table, shown, wanted);
    }
  }

  /** The tables may show anything: they are read, and what differs is written. */
  void reconcile(ConsistentRows wanted) throws SQLException {
    List<List<List<Object>>> missing = new ArrayList<>();
    for (Table<?, ?> table : Tables.ALL) {
      missing.add(deleteUnwanted(table, wanted));
    }
    for (int i = 0; i < missing.size(); i++) {
      upsert(Tables.ALL.get(i), missing.get(i));
    }
  }

  private <K, R> void deleteRemoved(Table<K, R> table, ConsistentRows shown, ConsistentRows wanted)
      throws SQLException {
    Map<K, R> after = table.rows().apply(wanted);
    List<List<Object>> keys = new ArrayList<>();
    table
        .rows()
        .apply(shown)
        .forEach(
            (key, row) -> {
              if (!after.containsKey(key)) {
                keys.add(table.values().apply(row).subList(0, table.keyWidth()));
              }
            });
    execute(table.delete(), keys);
  }

  private <K, R> void upsertChanged(Table<K, R> table, ConsistentRows shown, ConsistentRows wanted)
      throws SQLException {
    Map<K, R> before = table.rows().apply(shown);
    List<List<Object>> changed = new ArrayList<>();
    table
        .rows()
        .apply(wanted)
        .forEach(
            (key, row) -> {
              if (!row.equals(before.get(key))) {
                changed.add(table.values().apply(row));
              }
            });
    upsert(table, changed);
  }

  /** Gives what has to be written: rows that the table lacks or shows otherwise. */
  private <K, R> List<List<Object>> deleteUnwanted(Table<K, R> table, ConsistentRows wanted)
      throws SQLException {
    Map<List<Object>, List<Object>> toWrite = new HashMap<>();
    Map<K, R> rows = table.rows().apply(wanted);
    for (R row : rows.values()) {
      List<Object> values = table.values().apply(row);
      toWrite.put(values.subList(0, table.keyWidth()), values);
    }
    List<List<Object>> unwanted = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(table.select())) {
      int columns = found.getMetaData().getColumnCount();
      while (found.next()) {
        List<Object> values = new ArrayList<>(columns);
        for (int column = 2; column <= columns; column++) {
          values.add(Tables.sqlValue(found.getObject(column)));
        }
        List<Object> key = values.subList(0, table.keyWidth());
        if (!toWrite.containsKey(key)) {
          unwanted.add(Collections.singletonList(found.getLong(1)));
        } else if (values.equals(toWrite.get(key))) {
          toWrite.remove(key);
        }
      }
    }
    execute("DELETE FROM " + table.name() + " WHERE rowid = ?1", unwanted);
    return List.copyOf(toWrite.values());
  }

  private void upsert(Table<?, ?> table, List<List<Object>> rows) throws SQLException {
    execute(table.upsert(), rows);
  }

  private void execute(String sql, List<List<Object>> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (List<Object> values : rows) {
        for (int i = 0; i < values.size(); i++) {
          statement.setObject(i + 1, values.get(i));
        }
        statement.executeUpdate();
      }
    }
  }
}
