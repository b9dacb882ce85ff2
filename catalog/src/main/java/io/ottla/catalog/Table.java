package io.ottla.catalog;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How one kind of row is written to and read from its table. Immutable.
 *
 * @param keyWidth how many of the values, from the first, are the row's key
 * @param select gives the SQLite rowid and then the values, in order, of every row
 * @param upsert takes the values as ?1, ?2, …; an existing row of that key keeps its id
 * @param delete takes the key's values
 * @param rows where the rows are, by key
 * @param values a row as SQLite gives it back: {@code Long}, {@code Double}, {@code String} or null
 */
record Table<K, R>(
    String name,
    int keyWidth,
    String select,
    String upsert,
    String delete,
    Function<ConsistentRows, Map<K, R>> rows,
    Function<R, List<Object>> values) {

  /** A table whose columns are the values. */
  static <K, R> Table<K, R> of(
      String name,
      List<String> key,
      List<String> others,
      Function<ConsistentRows, Map<K, R>> rows,
      Function<R, List<Object>> values) {
    String keys = String.join(", ", key);
    String columns = keys + ", " + String.join(", ", others);
    String places =
        IntStream.rangeClosed(1, key.size() + others.size())
            .mapToObj(place -> "?" + place)
            .collect(Collectors.joining(", "));
    String updates =
        others.stream()
            .map(column -> column + " = excluded." + column)
            .collect(Collectors.joining(", "));
    String matches =
        IntStream.range(0, key.size())
            .mapToObj(i -> key.get(i) + " = ?" + (i + 1))
            .collect(Collectors.joining(" AND "));
    return new Table<>(
        name,
        key.size(),
        "SELECT rowid, " + columns + " FROM " + name,
        "INSERT INTO "
            + name
            + " ("
            + columns
            + ") VALUES ("
            + places
            + ") ON CONFLICT ("
            + keys
            + ") DO UPDATE SET "
            + updates,
        "DELETE FROM " + name + " WHERE " + matches,
        rows,
        values);
  }
}
