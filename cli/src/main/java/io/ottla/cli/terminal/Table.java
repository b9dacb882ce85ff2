package io.ottla.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of texts in aligned columns: numbers to the right, everything else to the left. One owner at
 * a time.
 */
public final class Table {
  private static final String GAP = "  ";

  private final String[] header;
  private final List<String[]> rows = new ArrayList<>();

  /** A table with those columns and no rows. */
  public Table(String... header) {
    this.header = header;
  }

  /** Adds a row; null is shown as a dash. There are as many cells as columns. */
  public Table row(Object... cells) {
    String[] row = new String[header.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = cells[i] == null ? "-" : cells[i].toString();
    }
    rows.add(row);
    return this;
  }

  /** Writes header and rows; nothing stands behind the last column. */
  public void print(Console console) {
    int[] widths = new int[header.length];
    boolean[] numbers = new boolean[header.length];
    for (int i = 0; i < header.length; i++) {
      widths[i] = header[i].length();
      numbers[i] = !rows.isEmpty();
      for (String[] row : rows) {
        widths[i] = Math.max(widths[i], row[i].length());
        numbers[i] &= isNumber(row[i]);
      }
    }
    console.line(console.emphasized(line(header, widths, numbers)));
    rows.forEach(row -> console.line(line(row, widths, numbers)));
  }

  private static String line(String[] cells, int[] widths, boolean[] numbers) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      String padding = " ".repeat(widths[i] - cells[i].length());
      line.append(i == 0 ? "" : GAP);
      line.append(numbers[i] ? padding + cells[i] : cells[i] + padding);
    }
    return line.toString().stripTrailing();
  }

  private static boolean isNumber(String cell) {
    return cell.equals("-") || cell.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
