package io.ottla.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Somebody who opens the file with a SQL tool: the {@code sqlite3} program in a process of its own
 * if it is on the path, else JDBC.
 */
final class SqliteJudge {
  private static final boolean HAS_PROGRAM = hasProgram();

  /** A semicolon, but not the one inside a trigger. */
  private static final String BETWEEN_STATEMENTS = ";(?! END)";

  private SqliteJudge() {}

  private static boolean hasProgram() {
    for (String directory :
        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(directory).resolve("sqlite3"))) {
        return true;
      }
    }
    return false;
  }

  /** Runs statements; each row is a line, its columns between bars, null is nothing. */
  static List<String> run(Path file, String sql) throws Exception {
    return HAS_PROGRAM ? runProgram(file, sql) : runJdbc(file, sql);
  }

  private static List<String> runProgram(Path file, String sql) throws Exception {
    Process process =
        new ProcessBuilder("sqlite3", "-bail", "-cmd", ".timeout 5000", file.toString(), sql)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(output);
    }
    return output.lines().toList();
  }

  private static List<String> runJdbc(Path file, String sql) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + CatalogFile.uri(file));
        Statement statement = connection.createStatement()) {
      for (String one : sql.split(BETWEEN_STATEMENTS, -1)) {
        if (!one.isBlank() && statement.execute(one)) {
          collect(statement.getResultSet(), lines);
        }
      }
    }
    return lines;
  }

  private static void collect(ResultSet rows, List<String> lines) throws SQLException {
    while (rows.next()) {
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        String value = rows.getString(i);
        columns.add(value == null ? "" : value);
      }
      lines.add(String.join("|", columns));
    }
  }

  /** Runs statements and stays connected, inside the transaction that they began, until closed. */
  static AutoCloseable hold(Path file, String sql) throws Exception {
    if (!HAS_PROGRAM) {
      Connection connection = DriverManager.getConnection("jdbc:sqlite:" + CatalogFile.uri(file));
      for (String one : sql.split(BETWEEN_STATEMENTS, -1)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(one);
        }
      }
      return connection;
    }
    Process process =
        new ProcessBuilder("sqlite3", file.toString()).redirectErrorStream(true).start();
    Writer in = process.outputWriter(UTF_8);
    in.write(sql + ";\nSELECT 'held';\n");
    in.flush();
    BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    for (String line = out.readLine(); !"held".equals(line); line = out.readLine()) {
      if (line == null || line.contains("rror")) {
        throw new IOException("sqlite3 said " + line);
      }
    }
    return () -> {
      in.close();
      process.waitFor();
    };
  }
}
